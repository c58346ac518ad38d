// Suggests pages while a reader types: an ARIA combobox.
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
    option.onclick = () => (location = link.getAttribute("href"));
    return option;
  });
  list.replaceChildren(...options);
  list.hidden = !options.length;
  set("expanded", !list.hidden);
}

function move(step) {
  const all = options.length + 1;
  at = ((at + 1 + step + all) % all) - 1;
  options.forEach((option, place) => (option.ariaSelected = place === at));
  set("activedescendant", options[at]?.id ?? "");
}

function stop() {
  clearTimeout(timer);
  asking?.abort();
  show([]);
}

async function ask() {
  asking?.abort();
  if (!input.value.trim()[2]) return show([]);
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
  timer = setTimeout(ask, 300);
};
input.onblur = () => setTimeout(stop, 200);
input.onkeydown = (event) => {
  const open = !list.hidden;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) move(step);
  else if (event.key === "Escape") stop();
  else if (event.key === "Enter" && at >= 0) options[at].click();
  else return;
  if (open) event.preventDefault();
};
