/* Toolbar and live preview for each textarea[data-editor]. Spelling, undo, Tab are the browser's own. */

const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "{}");
const WORDS = read("editor-words");
const CHOICES = { images: [], ...read("editor-choices") };
const CARDS = ["emergency", "same-day", "soon", "do", "dont", "note", "check"];
const PAUSE = 400; // milliseconds without typing

const say = (name) => WORDS[name] || name;
const secret = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/* In place of start…end, so that undo takes it back. */
function insert(area, text, start = area.selectionStart, end = area.selectionEnd) {
  area.focus();
  area.setSelectionRange(start, end);
  if (!document.execCommand(text ? "insertText" : "delete", false, text)) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

async function post(url, body, signal) {
  const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": secret() }, signal });
  const got = await answer.json();
  if (!answer.ok) throw new Error(got.error);
  return got;
}
const reason = (error) => error instanceof SyntaxError || error instanceof TypeError ? say("away") : error.message;

const selected = (area) => area.value.slice(area.selectionStart, area.selectionEnd);

function wrap(area, before, after, fallback) {
  const text = selected(area) || fallback;
  const start = area.selectionStart;
  insert(area, before + text + after);
  area.setSelectionRange(start + before.length, start + before.length + text.length);
}

function lines(area, prefix) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const ends = area.value.indexOf("\n", area.selectionEnd);
  const end = ends < 0 ? area.value.length : ends;
  const text = area.value.slice(start, end);
  const marked = text.split("\n").map((line, number) =>
    (typeof prefix === "function" ? prefix(number) : prefix) + line.replace(/^(#{1,6} |- |\d+\. )/, ""));
  insert(area, marked.join("\n"), start, end);
}

function block(area, text) {
  const before = area.value.slice(0, area.selectionStart);
  const after = area.value.slice(area.selectionEnd);
  const above = /^$|\n\n$/.test(before) ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  insert(area, above + text + (/^($|\n)/.test(after) ? "\n" : "\n\n"));
}

/* Resolves with what `result` gives when the window is confirmed, else with null. */
function ask(title, body, result) {
  return new Promise((resolve) => {
    const cancel = make("button", { type: "button", click: () => box.close("") }, say("cancel"));
    const go = make("button", { type: "submit", class: "primary" }, say("insert"));
    const form = make("form", { method: "dialog", submit: () => box.close("ok") },
      make("h2", {}, title), ...body, make("div", { class: "ask-buttons" }, go, cancel));
    const box = make("dialog", { class: "ask", "aria-label": title, close: () => {
      box.remove();
      resolve(box.returnValue === "ok" ? result() : null);
    } }, form);
    document.body.append(box);
    box.showModal();
  });
}

function pick(title, pairs) {
  const list = make("select", { size: 10, required: true, "aria-label": title, dblclick: () => list.form.requestSubmit() });
  const fill = (wanted) => {
    const found = pairs.filter(([key, words]) => `${key} ${words}`.toLowerCase().includes(wanted.toLowerCase()));
    list.replaceChildren(...found.map(([key, words]) => make("option", { value: key }, words ? `${words} (${key})` : key)));
    if (found.length) list.selectedIndex = 0;
  };
  fill("");
  const find = make("input", { type: "search", "aria-label": say("find"), placeholder: say("find"), input: () => fill(find.value) });
  return ask(title, pairs.length > 8 ? [find, list] : [list], () => pairs.find(([key]) => key === list.value) || null);
}

async function send(area, status, given) {
  const file = make("input", { type: "file", accept: "image/jpeg,image/png,image/webp", required: !given });
  const words = make("input", { required: true, maxlength: 300 });
  const credit = make("input", { maxlength: 300 });
  const field = (text, input) => make("label", {}, make("span", {}, text), input);
  const rows = [field(say("describe"), words), field(say("credit"), credit)];
  if (!given) rows.unshift(field(say("picture"), file));
  const at = area.selectionEnd;
  if (!await ask(say("upload"), rows, () => true)) return;
  area.setSelectionRange(at, at); // closing loses it
  const body = new FormData();
  body.append("image", given || file.files[0]);
  body.append("words", words.value);
  body.append("credit", credit.value);
  status.textContent = say("sending");
  try {
    const got = await post(area.dataset.upload, body);
    CHOICES.images.push([got.key, got.words]);
    block(area, `![${got.words.replace(/[[\]\\]/g, "\\$&")}](image:${got.key})`);
    status.textContent = say("sent");
  } catch (error) {
    status.textContent = reason(error);
  }
}

/* One stop for Tab, arrows within (ARIA Authoring Practices, "Toolbar"). */
function toolbar(area, status) {
  const offer = (name, pairs = [], act) => async () => {
    const found = await pick(say(name), pairs);
    if (found) act(...found);
  };
  const tools = {
    bold: () => wrap(area, "**", "**", say("here")),
    heading: () => lines(area, "## "),
    list: () => lines(area, "- "),
    numbers: () => lines(area, (number) => `${number + 1}. `),
    link: offer("link", CHOICES.sections, (key, words) => wrap(area, "[", `](section:${key})`, words)),
    mark: offer("mark", CHOICES.marks, (key) => insert(area, `[^${key}]`, area.selectionEnd, area.selectionEnd)),
    word: offer("word", CHOICES.terms, (key, words) => wrap(area, "[", `](glossary:${key})`, words)),
    card: offer("card", CARDS.map((card) => [card, say(card)]), (key) => block(area, `::: ${key}\n${selected(area) || say("here")}\n:::`)),
    picture: offer("picture", CHOICES.images, (key, words) => block(area, `![${words}](image:${key})`)),
    upload: () => send(area, status),
    figure: offer("figure", CHOICES.figures, (key) => block(area, `::: figure ${key}\n:::`)),
    table: () => block(area, `| ${say("columns")} | ${say("columns")} |\n| --- | --- |\n| ${say("here")} | ${say("here")} |`),
  };
  const empty = { mark: "marks", link: "sections", word: "terms", figure: "figures" };
  const buttons = Object.entries(tools).filter(([name]) => !(name in empty) || CHOICES[empty[name]]?.length)
    .map(([name, act]) => make("button", { type: "button", tabindex: "-1", click: act }, say(name)));
  buttons[0].tabIndex = 0;
  const bar = make("div", { role: "toolbar", class: "editor-tools", "aria-label": say("toolbar"), "aria-controls": area.id }, ...buttons);
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const place = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1
      : step && (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
    if (place === undefined) return;
    event.preventDefault();
    buttons.forEach((button, number) => { button.tabIndex = number === place ? 0 : -1; });
    buttons[place].focus();
  });
  return bar;
}

function live(area, pane, status, problems, counts) {
  let latest = 0, running, timer;
  async function refresh() {
    const mine = ++latest, was = status.textContent; // a late older answer is dropped
    running?.abort();
    running = new AbortController();
    const body = new URLSearchParams({ text: area.value, guide: area.dataset.guide });
    let message = "";
    try {
      const got = await post(area.dataset.preview, body, running.signal);
      if (mine !== latest) return;
      pane.innerHTML = got.html; // cleaned
      problems.replaceChildren(...got.problems.map((one) => make("li", {}, make("button", { type: "button", click: () => go(area, one.line) },
        `${say("line")} ${one.line}`), ` ${one.message}`)));
      const count = got.problems.length;
      message = count ? `${say("problems")} ${count}` : say("ready");
      counts.textContent = got.counts;
    } catch (error) {
      if (mine !== latest || error.name === "AbortError") return;
      message = reason(error);
    }
    if (status.textContent === was && was !== message) status.textContent = message;
  }
  area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(refresh, PAUSE); });
  refresh();
}

function go(area, line) {
  const rows = area.value.split("\n"), start = rows.slice(0, line - 1).join(" ").length + (line > 1);
  area.focus();
  area.setSelectionRange(start, start + rows[line - 1].length);
}

/* What programs leave. */
const tidy = (text) => text.replace(/\r\n?|\v|\u2028|\u2029/g, "\n").replace(/[\u00ad\u200b\ufeff]/g, "")
  .replace(/^[ \t]*([•·▪◦‣][\t ]+|o\t)/gm, "- ").replace(/[ \t]+$/gm, "");

/* Headings and lists that were copied, from Word too, as Markdown; else nothing. */
function rich(html) {
  let found = false;
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const text = [...body.querySelectorAll("h1,h2,h3,h4,h5,h6,li,p:not(li p)")].map((part) => {
    const sign = part.querySelector("[style*='mso-list:Ignore' i]");
    const number = part.closest("ol") || /\d/.test(sign?.textContent);
    sign?.remove();
    const mark = part.matches("p") ? "" : part.matches("li") ? "- " : part.matches("h1,h2") ? "## " : "### ";
    const words = part.textContent.replace(/\s+/g, " ").trim();
    found ||= sign || mark;
    return words && (sign || mark === "- " ? (number ? "1. " : "- ") : mark) + words;
  }).filter(Boolean).join("\n\n");
  return found && !body.querySelector("table") ? text.replace(/^(- |1\. )(.*)\n(?=\n\1)/gm, "$1$2") : "";
}

function attach(area) {
  if (area.dataset.attached || area.name.includes("__prefix__")) return;
  area.dataset.attached = "yes";
  const status = make("p", { role: "status", class: "editor-status" });
  const counts = make("p", { class: "editor-status" }); // not live: it changes with each word
  const problems = make("ul", { class: "editor-problems" });
  const pane = make("div", { class: "editor-pane prose", role: "region", "aria-label": say("preview"), tabindex: "0",
    click: (event) => event.target.closest("a") && event.preventDefault() });
  const box = area.closest(".editor") || area.parentElement;
  box.classList.add("is-live");
  area.before(toolbar(area, status));
  area.after(pane, counts, status, problems);
  const stored = area.value;
  let leaving = false;
  area.form?.addEventListener("submit", () => { leaving = true; });
  addEventListener("beforeunload", (event) => { if (!leaving && area.value !== stored) event.preventDefault(); });
  area.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "b" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    wrap(area, "**", "**", say("here"));
  });
  const image = (list) => [...(list?.files || [])].find((file) => file.type.startsWith("image/"));
  area.addEventListener("drop", (event) => {
    const file = image(event.dataTransfer);
    if (file) { event.preventDefault(); send(area, status, file); }
  });
  area.addEventListener("paste", (event) => {
    const given = event.clipboardData, file = image(given), text = given.getData("text/plain");
    const clean = tidy(rich(given.getData("text/html")) || text);
    if (file && !text) send(area, status, file);
    else if (clean !== text.replace(/\r\n?/g, "\n")) insert(area, clean);
    else return;
    event.preventDefault();
  });
  live(area, pane, status, problems, counts);
}

const all = (root) => root.querySelectorAll("textarea[data-editor]").forEach(attach);
all(document);
document.addEventListener("formset:added", (event) => all(event.target));
