/* Small comforts. Every page works without this file; nothing is evaluated and nothing is stored. */
(() => {
  "use strict";

  const inReadersZone = new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  const dayInReadersZone = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

  /* The server writes times in UTC. "4 minutes ago" stays as it is and gets the full time as its title. */
  function showLocalTimes() {
    for (const element of document.querySelectorAll("time[datetime]:not([data-local])")) {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      element.dataset.local = "";
      if (element.hasAttribute("data-ago")) {
        element.title = inReadersZone.format(moment);
      } else if (element.hasAttribute("data-day")) {
        element.title = inReadersZone.format(moment);
        element.textContent = dayInReadersZone.format(moment);
      } else {
        element.title = element.textContent.trim();
        element.textContent = inReadersZone.format(moment);
      }
    }
  }

  /* Copy buttons are hidden until here, because without JavaScript they would do nothing. */
  function showCopyButtons() {
    for (const button of document.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
  }

  /* A question that came with a fragment. The browser gives the focus back when it is closed. */
  function openDialogs() {
    for (const dialog of document.querySelectorAll("dialog[data-open]")) {
      dialog.removeAttribute("data-open");
      dialog.showModal();
    }
  }

  /* Where the pressed control is gone after the answer, the part it stood in gets the focus. */
  let pressedIn = "";
  function keepFocus() {
    const part = document.getElementById(pressedIn);
    if (part && document.activeElement === document.body) part.focus();
  }

  function enhance() {
    showLocalTimes();
    showCopyButtons();
    openDialogs();
  }

  function announce(text) {
    const region = document.getElementById("announcement");
    if (region) region.textContent = text;
  }

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    const word = button.querySelector("[data-copy-word]") || button;
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      // No clipboard (a page without HTTPS, or refused): select the text, so that it is one keystroke away.
      window.getSelection().selectAllChildren(source);
      announce("Selected. Copy it with the keyboard.");
      return;
    }
    word.textContent = "Copied";
    announce("Copied.");
    window.setTimeout(() => { word.textContent = "Copy"; announce(""); }, 2000);
  }

  function closeMenus(except, returnFocus) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu === except) continue;
      menu.open = false;
      if (returnFocus) menu.querySelector("summary").focus();
    }
  }

  /* An answer without a notice of its own (a proxy's error page, no connection) must not look like nothing. */
  function notify(sentence) {
    const region = document.getElementById("notices");
    if (!region) return;
    const notice = document.createElement("p");
    notice.className = "notice notice-error notice-floating";
    notice.textContent = sentence;
    region.replaceChildren(notice);
  }

  /* What went well is also visible in its place, so that notice leaves by itself; an error stays until Escape. */
  let leaving;
  function letNoticesLeave() {
    window.clearTimeout(leaving);
    leaving = window.setTimeout(() => {
      for (const notice of document.querySelectorAll(".notice-success.notice-floating")) notice.remove();
    }, 10000);
  }

  function dismissNotices() {
    for (const notice of document.querySelectorAll(".notice-floating")) notice.remove();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) copy(button);
    const closing = event.target.closest("[data-close]");
    if (closing) closing.closest("dialog").close();
    closeMenus(event.target.closest("details.menu"), false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    closeMenus(null, true);
    dismissNotices();
  });
  document.addEventListener("submit", (event) => {
    const dialog = event.target.closest("dialog");
    if (dialog) dialog.close(); // answered: the focus is back where the question came from, and stays there
    pressedIn = (event.target.closest("[id][tabindex='-1']") || {}).id || "";
  }, true);
  document.addEventListener("htmx:after:swap", () => {
    enhance();
    keepFocus();
    letNoticesLeave();
  });
  document.addEventListener("htmx:response:error", (event) => {
    const context = event.detail.ctx;
    if (context.hx && context.hx.redirect) return;
    if (!(context.text || "").includes("hx-swap-oob")) {
      notify("Nothing was changed: the server could not answer this. Load the page again and try once more.");
    }
  });
  document.addEventListener("htmx:error", () => {
    notify("The change could not be sent. Check your connection and try again.");
  });

  enhance();
})();
