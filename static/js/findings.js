/* Leads from a finding to its field: opens what is folded around it and puts the caret into the line. */
function go() {
  const [, id, line] = decodeURIComponent(location.hash).match(/^#(.+?)(?:-line-(\d+))?$/) || [];
  const place = id && document.getElementById(id);
  if (!place) return;
  for (let box = place.closest("details") || place.querySelector("details"); box; box = box.parentElement.closest("details")) box.open = true;
  if (!place.matches("input, select, textarea")) return;
  place.focus();
  place.scrollIntoView({ block: "center" });
  if (!line) return;
  const rows = place.value.split("\n").slice(0, line);
  const end = rows.join("\n").length;
  const start = end - rows[rows.length - 1].length;
  place.setSelectionRange(start, end);
  place.scrollTop = place.scrollHeight * start / Math.max(place.value.length, 1) - place.clientHeight / 2; // wrapped lines have no height of their own
}
addEventListener("hashchange", go);
document.addEventListener("click", (event) => {
  if (event.target.closest(".findings a")?.href === location.href) go(); // the same one again
});
go();
addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => {
  if (document.activeElement === document.body) go(); // the browser's own jump to the line takes the caret away again
})));
