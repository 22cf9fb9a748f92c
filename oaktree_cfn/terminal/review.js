"use strict";
// The page reads and folds without this; it adds the filter, the keys, and paper that shows everything.
const all = (selector, root) => [...(root || document).querySelectorAll(selector)];
const tools = document.querySelector(".tools");
const box = document.querySelector("#filter");
const status = document.querySelector("#shown");
const chips = all(".tools [data-word]");
const stacks = all(".stack");
const entries = all(".entry").map((node) => ({ node, text: node.textContent.toLowerCase() }));
const folded = new Map(stacks.map((stack) => [stack, stack.open]));
let filtering = false;

function wanted(entry, words, terms) {
  const { word, refused } = entry.node.dataset;
  const chosen = !words.length || words.includes(word) || (refused && words.includes("refused"));
  return chosen && terms.every((term) => entry.text.includes(term));
}

function filter() {
  const words = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.word);
  const terms = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const active = words.length + terms.length > 0;
  if (active && !filtering) stacks.forEach((stack) => folded.set(stack, stack.open));
  let shown = 0;
  for (const entry of entries) {
    entry.node.hidden = !wanted(entry, words, terms);
    shown += !entry.node.hidden;
  }
  for (const stack of stacks) {
    stack.hidden = all(".entry", stack).every((entry) => entry.hidden);
    if (active) stack.open = true;
    else if (filtering) stack.open = folded.get(stack);
  }
  filtering = active;
  status.textContent = active ? `${shown} of ${entries.length} resources` : `${entries.length} resources`;
}

function move(step) {
  const stops = all(".more > summary, .stack > summary, .entry > summary").filter((stop) => stop.checkVisibility());
  const here = stops.indexOf(document.activeElement);
  const next = stops[here < 0 ? (step > 0 ? 0 : stops.length - 1) : here + step];
  if (next) {
    next.focus();
    next.scrollIntoView({ block: "center" });
  }
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    box.value = "";
    chips.forEach((chip) => chip.setAttribute("aria-pressed", "false"));
    box.blur();
    filter();
  } else if (event.target === box) {
    return;
  } else if (event.key === "/") {
    event.preventDefault();
    box.focus();
  } else if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
  }
}

box.addEventListener("input", filter);
chips.forEach((chip) =>
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    filter();
  }),
);
document.querySelector("#fold").addEventListener("click", (event) => {
  const open = event.target.dataset.open !== "true";
  all(".stack, .stack .entry").forEach((node) => (node.open = open));
  event.target.dataset.open = String(open);
  event.target.textContent = open ? "Close all" : "Open all";
});
document.addEventListener("keydown", key);
addEventListener("beforeprint", () => all("details").forEach((node) => (node.open = true)));
tools.hidden = false;
filter();
