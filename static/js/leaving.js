/* Asks before a page is left whose text is not saved. */
const form = document.getElementById("clash_form");
let sent = false;
form.addEventListener("submit", () => { sent = true; });
addEventListener("beforeunload", (event) => { if (!sent) event.preventDefault(); });
