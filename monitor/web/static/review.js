// Keys for the review page. Each button names its own; without this file they are still buttons.
const form = document.getElementById("answer");
let sent = false;

function buttonOf(key) {
  return [...form.querySelectorAll("[data-keys]")].find((each) => each.dataset.keys.split(" ").includes(key));
}

document.addEventListener("keydown", (press) => {
  if (press.repeat || press.ctrlKey || press.metaKey || press.altKey || !press.key.trim()) return;
  if (press.target.closest("input")) return; // what is typed there is no answer
  const button = form && buttonOf(press.key.toLowerCase());
  if (!button) return;
  press.preventDefault();
  button.click();
});

// One answer a page: a second press while the next headline is on its way is not meant for it.
form?.addEventListener("submit", (submit) => {
  if (sent) submit.preventDefault();
  sent = true;
});
window.addEventListener("pageshow", () => {
  sent = false;
});
