// Suggests pages while a reader types: an ARIA combobox. The form works without.
const input = document.querySelector("#q");
const list = document.createElement("ul");
const set = (name, value) => input.setAttribute(`aria-${name}`, value);
let options = [], at = -1, asking, timer;

list.id = "found";
list.role = "listbox";
list.ariaLabel = input.labels[0].textContent;
list.hidden = true;
input.after(list);
input.role = "combobox";
set("autocomplete", "list");
set("controls", "found");

function show(links) {
  at = -1;
  set("activedescendant", "");
  options = links.map((link, place) => {
    const option = document.createElement("li");
    option.role = "option";
    option.id = `found-${place}`;
    option.textContent = link.textContent;
    option.onclick = () => location.assign(link.getAttribute("href"));
    return option;
  });
  list.replaceChildren(...options);
  list.hidden = !options.length;
  set("expanded", !list.hidden);
}

function move(step) {
  if (list.hidden) return;
  at = (at + step + options.length + 1) % (options.length + 1);
  if (at === options.length) at = -1;
  options.forEach((option, place) => (option.ariaSelected = place === at));
  set("activedescendant", options[at]?.id ?? "");
}

async function ask() {
  asking?.abort();
  if (input.value.trim().length < 3) return show([]);
  asking = new AbortController();
  try {
    const answer = await fetch(`?q=${encodeURIComponent(input.value)}`, asking);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    show([...page.querySelectorAll(".results h2 a")].slice(0, 6));
  } catch {}
}

show([]);
input.oninput = () => {
  clearTimeout(timer);
  timer = setTimeout(ask, 200);
};
input.onblur = () => setTimeout(show, 200, []);
input.onkeydown = (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) move(step);
  else if (event.key === "Escape" && !list.hidden) show([]);
  else if (event.key === "Enter" && at >= 0) options[at].click();
  else return;
  event.preventDefault();
};
