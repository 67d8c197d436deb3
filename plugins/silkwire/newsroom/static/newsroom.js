// Theme as in Airflow, keyboard shortcuts, and links that open outside Airflow's frame.
"use strict";

function readFrame() {
  // null if the page is in no frame, or in a frame of another origin
  try {
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null;
  }
}

const frame = readFrame();

function setTheme() {
  const airflow = frame && frame.document.documentElement;
  let theme = airflow && (airflow.classList.contains("dark") ? "dark" : "light");
  if (!theme) {
    const stored = localStorage.getItem("theme");
    theme = stored === "dark" || stored === "light" ? stored : null;
  }
  if (theme) document.documentElement.dataset.theme = theme;
}

setTheme();
window.addEventListener("storage", setTheme);
if (frame) {
  new MutationObserver(setTheme).observe(frame.document.documentElement, {
    attributes: true,
    attributeFilter: ["class"],
  });
}

// Airflow's frame may not open windows, so the link is clicked in Airflow's own document.
function openOutside(link) {
  const outer = frame.document.createElement("a");
  outer.href = link.href;
  outer.target = link.target === "_top" ? "_self" : "_blank";
  outer.rel = "noopener noreferrer";
  outer.click();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[target]");
  if (frame && link) {
    event.preventDefault();
    openOutside(link);
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  // a date changes with each digit that is typed
  if (form && event.target.type !== "date") form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  // disabled fields stay out of the url, which makes it short enough to share
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});

window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form [disabled]")) field.disabled = false;
});

function move(step) {
  const items = [...document.querySelectorAll(".item")];
  const place = items.indexOf(document.activeElement.closest(".item"));
  const next = items[Math.min(Math.max(place + step, 0), items.length - 1)];
  if (next) next.focus();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  Enter: (item) => item && item.querySelector(".open").click(),
  o: (item) => item && item.querySelector(".facts a[target]")?.click(),
  "/": () => document.querySelector(".filters select")?.focus(),
};

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea")) return;
  if (event.key === "Enter" && !target.matches(".item")) return;
  const action = KEYS[event.key];
  if (action) {
    event.preventDefault();
    action(target.closest(".item"));
  }
});

document.addEventListener("click", (event) => {
  // back to the list with its filters
  const back = event.target.closest("a[data-back]");
  if (back && sessionStorage.getItem("list")) {
    event.preventDefault();
    location.assign(sessionStorage.getItem("list"));
  }
});

document.addEventListener("DOMContentLoaded", () => {
  if (document.getElementById("items")) sessionStorage.setItem("list", location.href);
});
