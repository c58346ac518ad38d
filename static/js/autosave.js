/* Keeps what is typed and not saved, and offers it back with the marks of the text it was typed over. */
const box = document.getElementById("kept");
const form = box.closest("form");
const { unit, url } = box.dataset;
const status = document.getElementById("kept-status");
const say = (word) => { status.textContent = box.dataset[word]; };
const names = (fields) => JSON.stringify(Object.entries(fields).filter(([name]) => !/(token|-id)$/.test(name)));
const read = () => Object.fromEntries([...new FormData(form)].filter(([name, value]) =>
  typeof value === "string" && name !== "csrfmiddlewaretoken" && !name.includes("__prefix__")));
const send = (text) => fetch(url, { method: "POST", body: new URLSearchParams({
  unit, text, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value }) });
const drop = () => { sessionStorage.removeItem(unit); return send(""); };
const failed = document.querySelector(".errornote");
let dirty = Boolean(failed), timer;

function keep() {
  const text = JSON.stringify(read());
  send(text).then(({ ok, status: code }) => {
    if (!ok) sessionStorage.setItem(unit, text);
    if (dirty) say(ok ? "safe" : code === 403 ? "out" : "away");
  }, () => { sessionStorage.setItem(unit, text); say("away"); });
}

form.addEventListener("input", () => {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(keep, 1500);
});
form.addEventListener("submit", () => {
  dirty = false;
  clearTimeout(timer);
  sessionStorage.setItem(unit, JSON.stringify(read())); // should the login have lapsed
  sessionStorage.setItem("sent", unit);
});
addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

if (document.querySelector(".messagelist .saved")) sessionStorage.removeItem(sessionStorage.getItem("sent"));
const server = document.getElementById("kept-text").textContent;
const kept = JSON.parse(sessionStorage.getItem(unit) || JSON.parse(server) || "null");
if (kept && names(kept) !== names(read())) box.hidden = false;
else if (kept && !failed) drop();

box.querySelector("[value=take]").addEventListener("click", () => {
  for (const [name, value] of Object.entries(kept)) {
    const list = name.match(/^(.+)-TOTAL_FORMS$/);
    for (let had = list ? form.elements[name]?.value : value; had < value; had++)
      document.querySelector(`#${list[1]}-group .add-row a, #${list[1]}-group .add-row button`)?.click();
  }
  for (const field of form.elements) {
    if (/checkbox|radio/.test(field.type)) field.checked = kept[field.name] === field.value;
    else if (field.name in kept && !/_FORMS$/.test(field.name)) field.value = kept[field.name];
    else continue;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  box.hidden = true;
});
box.querySelector("[value=drop]").addEventListener("click", () => { drop(); box.hidden = true; });
