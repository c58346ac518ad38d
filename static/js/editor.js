/* Adds a toolbar and a live preview to each textarea[data-editor]; without this script it stays a plain textarea.
   Typing is the browser's own: spelling, undo and Tab work as everywhere. */

const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "{}");
const WORDS = read("editor-words");
const CHOICES = read("editor-choices");
const CARDS = ["emergency", "same-day", "soon", "do", "dont", "note", "check"];
const PAUSE = 400; // milliseconds without typing before a preview is asked for

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

/* Puts text in place of start…end so that the browser's undo takes it back. */
function insert(area, text, start = area.selectionStart, end = area.selectionEnd) {
  area.focus();
  area.setSelectionRange(start, end);
  let done = false;
  try {
    done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  } catch { /* not known here */ }
  if (!done) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

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

/* A block stands between empty lines, after the line the caret is in. */
function block(area, text) {
  const before = area.value.slice(0, area.selectionStart);
  const after = area.value.slice(area.selectionEnd);
  const above = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const below = !after || after.startsWith("\n\n") ? "\n" : after.startsWith("\n") ? "\n" : "\n\n";
  insert(area, above + text + below);
}

/* Shows a window and resolves with what `result` gives when it is confirmed, else with null. */
function ask(title, body, result) {
  return new Promise((resolve) => {
    const name = `ask-${Math.random().toString(36).slice(2)}`;
    const cancel = make("button", { type: "button", click: () => box.close("") }, say("cancel"));
    const go = make("button", { type: "submit", class: "primary" }, say("insert"));
    const form = make("form", { method: "dialog", submit: () => box.close("ok") },
      make("h2", { id: name }, title), ...body, make("div", { class: "ask-buttons" }, go, cancel));
    const box = make("dialog", { class: "ask", "aria-labelledby": name, close: () => {
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

async function link(area, title, pairs, scheme) {
  const found = await pick(title, pairs || []);
  if (found) wrap(area, "[", `](${scheme}:${found[0]})`, found[1]);
}

async function send(area, status, given) {
  const file = make("input", { type: "file", accept: "image/jpeg,image/png,image/webp", required: !given });
  const words = make("input", { type: "text", required: true, maxlength: 300 });
  const credit = make("input", { type: "text", maxlength: 300 });
  const field = (text, input) => make("label", {}, make("span", {}, text), input);
  const rows = [...(given ? [] : [field(say("picture"), file)]), field(say("describe"), words), field(say("credit"), credit)];
  const agreed = await ask(say("upload"), rows, () => true);
  if (!agreed) return;
  const body = new FormData();
  body.append("image", given || file.files[0]);
  body.append("words", words.value);
  body.append("credit", credit.value);
  status.textContent = say("sending");
  try {
    const answer = await fetch(area.dataset.upload, { method: "POST", body, headers: { "X-CSRFToken": secret() } });
    const got = await answer.json();
    if (!answer.ok) throw new Error(got.error);
    (CHOICES.images ||= []).push([got.key, got.words]);
    block(area, `![${got.words.replace(/[[\]\\]/g, "\\$&")}](image:${got.key})`);
    status.textContent = say("sent");
  } catch (error) {
    status.textContent = error instanceof SyntaxError || error instanceof TypeError ? say("away") : error.message;
  }
}

/* One button stop for Tab; arrows move within, as in every toolbar (ARIA Authoring Practices, "Toolbar"). */
function toolbar(area, status) {
  const tools = {
    bold: () => wrap(area, "**", "**", say("here")),
    heading: () => lines(area, "## "),
    list: () => lines(area, "- "),
    numbers: () => lines(area, (number) => `${number + 1}. `),
    link: () => link(area, say("link"), CHOICES.sections, "section"),
    mark: async () => {
      const found = await pick(say("mark"), CHOICES.marks || []);
      if (found) insert(area, `[^${found[0]}]`, area.selectionEnd, area.selectionEnd);
    },
    word: () => link(area, say("word"), CHOICES.terms, "glossary"),
    card: async () => {
      const found = await pick(say("card"), CARDS.map((card) => [card, say(card)]));
      if (found) block(area, `::: ${found[0]}\n${selected(area) || say("here")}\n:::`);
    },
    picture: async () => {
      const found = await pick(say("picture"), CHOICES.images || []);
      if (found) block(area, `![${found[1]}](image:${found[0]})`);
    },
    upload: () => send(area, status),
    figure: async () => {
      const found = await pick(say("figure"), CHOICES.figures || []);
      if (found) block(area, `::: figure ${found[0]}\n:::`);
    },
    table: () => block(area, `| ${say("columns")} | ${say("columns")} |\n| --- | --- |\n| ${say("here")} | ${say("here")} |`),
  };
  const empty = { mark: "marks", link: "sections", word: "terms", picture: "images", figure: "figures" };
  const buttons = Object.entries(tools)
    .filter(([name]) => !(name in empty) || name === "picture" || CHOICES[empty[name]]?.length)
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

function live(area, pane, status, problems) {
  let latest = 0, running = null, timer = 0;
  async function refresh() {
    const mine = ++latest; // an older answer that comes later is dropped
    running?.abort();
    running = new AbortController();
    const body = new URLSearchParams({ text: area.value, guide: area.dataset.guide });
    let message = "";
    try {
      const answer = await fetch(area.dataset.preview, { method: "POST", body, headers: { "X-CSRFToken": secret() }, signal: running.signal });
      const got = await answer.json();
      if (mine !== latest) return;
      if (!answer.ok) throw new Error(got.error);
      pane.innerHTML = got.html; // cleaned by the same pipeline as every page
      problems.replaceChildren(...got.problems.map((one) => make("li", {}, make("button", { type: "button", click: () => go(area, one.line) },
        `${say("line")} ${one.line}`), ` ${one.message}`)));
      const count = got.problems.length;
      message = count ? `${say("problems")} ${count}` : say("ready");
      if (got.words) message += ` ${got.words}`;
    } catch (error) {
      if (mine !== latest || error.name === "AbortError") return;
      message = error instanceof SyntaxError || error instanceof TypeError ? say("away") : error.message;
    }
    if (status.textContent !== message) status.textContent = message;
  }
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  refresh();
}

function go(area, line) {
  const start = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  const end = area.value.indexOf("\n", start);
  area.focus();
  area.setSelectionRange(start, end < 0 ? area.value.length : end);
}

/* What Word and mail programs leave in plain text. */
const tidy = (text) => text.replace(/\r\n?|\v|\u2028|\u2029/g, "\n").replace(/[\u00ad\u200b\ufeff]/g, "")
  .replace(/^[ \t]*[•·▪◦‣o][\t ]+/gm, (mark) => (/o /.test(mark) ? mark : "- ")).replace(/[ \t]+$/gm, "");

function attach(area) {
  if (area.dataset.attached || area.name.includes("__prefix__")) return;
  area.dataset.attached = "yes";
  const status = make("p", { role: "status", class: "editor-status" });
  const problems = make("ul", { class: "editor-problems" });
  const pane = make("div", { class: "editor-pane prose", role: "region", "aria-label": say("preview"), tabindex: "0",
    click: (event) => event.target.closest("a") && event.preventDefault() });
  const box = area.closest(".editor") || area.parentElement;
  box.classList.add("is-live");
  area.before(toolbar(area, status));
  area.after(pane, status, problems);
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
    const file = image(event.clipboardData), text = event.clipboardData?.getData("text/plain") || "";
    if (file && !text) { event.preventDefault(); send(area, status, file); return; }
    const clean = tidy(text);
    if (clean !== text.replace(/\r\n?/g, "\n")) { event.preventDefault(); insert(area, clean); }
  });
  live(area, pane, status, problems);
}

const all = (root) => root.querySelectorAll("textarea[data-editor]").forEach(attach);
all(document);
document.addEventListener("formset:added", (event) => all(event.target));
