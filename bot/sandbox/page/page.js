// The page is rendered by the server. This script fetches panes again when the live feed says they
// are out of date, posts acts, and looks after scroll, focus and half-typed words meanwhile.
"use strict";

const find = (selector, inside = document) => inside.querySelector(selector);
const findAll = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const frame = () => document.getElementById("frame");
const modal = () => document.getElementById("modal");

const drafts = new Map(); // words not sent yet, by conversation
const sources = new WeakMap(); // keyed element -> the HTML it was made of
let stream = null;

// Asking the server

function query() {
  const { person, channel, thread, tab } = frame().dataset;
  return new URLSearchParams({ person, channel, thread, tab }).toString();
}

async function act(name, body = {}) {
  const { person } = frame().dataset;
  let answer;
  try {
    const response = await fetch(`/page/act/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ person, ...body }),
    });
    answer = await response.json();
  } catch {
    answer = { ok: false, error: "The local workspace does not answer. Is it still running?" };
  }
  if (!answer.ok) complain(answer.error);
  return answer;
}

function complain(text) {
  const alert = modal().open ? find(".sheet-alert", modal()) : null;
  if (alert) {
    alert.textContent = text;
    return;
  }
  const notice = document.createElement("p");
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Dismiss";
  close.addEventListener("click", () => notice.remove());
  notice.append(words, close);
  const messages = find("#messages");
  const isRead = isAtEnd(messages);
  find("#notices").replaceChildren(notice);
  if (isRead) messages.scrollTop = messages.scrollHeight;
}

function isAtEnd(list) {
  return list.dataset.keyed !== undefined && list.scrollHeight - list.scrollTop - list.clientHeight < 90;
}

// Panes

const waiting = new Set();
let isFetching = false;

async function refresh(names) {
  for (const name of names) waiting.add(name);
  if (isFetching) return;
  isFetching = true;
  try {
    while (waiting.size) {
      const [full] = waiting;
      waiting.delete(full);
      const [name, channel] = full.split(":");
      const pane = find(`[data-pane="${name}"]`);
      // A channel that did not exist when the conversation was opened appears with its first words.
      const elsewhere = channel && frame().dataset.channel && channel !== frame().dataset.channel;
      if (!pane || elsewhere) continue;
      const asked = query();
      const response = await fetch(`/page/pane/${name}?${asked}`);
      if (response.ok && asked === query() && pane.isConnected) renew(pane, await response.text());
    }
  } catch {
    waiting.clear(); // the stream will reconnect, and everything is fetched then
  } finally {
    isFetching = false;
  }
}

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function renew(pane, html) {
  const fresh = parsed(html);
  const focus = focusIn(pane);
  const isRead = isAtEnd(pane);
  const top = pane.scrollTop;
  if (pane.dataset.keyed !== undefined) replaceKeyed(pane, fresh);
  else if (pane === modal()) renewModal(fresh);
  else if (pane.innerHTML !== html) pane.replaceChildren(fresh);
  pane.scrollTop = isRead ? pane.scrollHeight : top;
  restoreFocus(pane, focus);
}

function remember(pane) {
  for (const child of pane.children) sources.set(child, child.outerHTML);
}

// Only what differs is replaced, so an open menu or a selection elsewhere stays as it is.
function replaceKeyed(pane, fresh) {
  const present = new Map([...pane.children].map((child) => [child.id, child]));
  let next = pane.firstElementChild;
  for (const child of [...fresh.children]) {
    const old = present.get(child.id);
    const isSame = old && (find("[data-editor]", old) || sources.get(old) === child.outerHTML);
    if (isSame) {
      present.delete(child.id);
      if (old === next) next = next.nextElementSibling;
      else pane.insertBefore(old, next);
      continue;
    }
    sources.set(child, child.outerHTML);
    if (!old && pane.childElementCount) child.classList.add("arriving");
    pane.insertBefore(child, next);
    if (old === next && next) next = next.nextElementSibling;
    if (old) {
      old.remove();
      present.delete(child.id);
    }
  }
  for (const gone of present.values()) gone.remove();
}

function focusIn(pane) {
  const active = document.activeElement;
  if (!active || active === pane || !pane.contains(active)) return null;
  const holder = active.closest("[data-ts]");
  return { id: active.id, key: active.dataset.key, holder: holder ? holder.id : "" };
}

function restoreFocus(pane, focus) {
  if (!focus || pane.contains(document.activeElement)) return;
  const inside = (focus.holder && document.getElementById(focus.holder)) || pane;
  const same = focus.id
    ? document.getElementById(focus.id)
    : focus.key && find(`[data-key="${CSS.escape(focus.key)}"]`, inside);
  (same || (pane === modal() ? null : pane))?.focus({ preventScroll: true });
}

// Going from place to place

async function go(address, { isBack = false, enter = "" } = {}) {
  keepDrafts();
  const before = { ...frame().dataset, top: find("#messages")?.scrollTop };
  if (!isBack) history.pushState(null, "", address);
  if (enter) await act(enter); // a direct conversation begins to exist when it is entered
  let text;
  try {
    text = await (await fetch(address)).text();
  } catch {
    complain("The local workspace does not answer. Is it still running?");
    return;
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  document.title = page.title;
  frame().replaceWith(page.getElementById("frame"));
  find("#people").replaceChildren(...page.getElementById("people").childNodes);
  const isSamePlace = before.key === frame().dataset.key;
  settle(isSamePlace ? before.top : undefined);
  renewModal(page.getElementById("modal"));
  listen(); // from the moment this page was drawn, so nothing falls between
  const isNewThread = frame().dataset.thread && frame().dataset.thread !== before.thread;
  const fields = findAll("[data-composer] textarea");
  if (!modal().open) (isNewThread ? fields.at(-1) : fields[0])?.focus({ preventScroll: true });
}

// After the frame was drawn anew: what cannot be said in HTML.
function settle(top) {
  findAll("[data-keyed]").forEach(remember);
  const messages = find("#messages");
  if (messages) messages.scrollTop = top ?? (messages.dataset.keyed === undefined ? 0 : messages.scrollHeight);
  const thread = find("#thread");
  if (thread) thread.scrollTop = thread.scrollHeight;
  for (const composer of findAll("[data-composer]")) {
    const draft = drafts.get(composer.dataset.draft);
    const field = find("textarea", composer);
    if (draft) field.value = draft;
    fit(field);
  }
  readEpochs(document);
}

function keepDrafts() {
  for (const composer of findAll("[data-composer]")) {
    drafts.set(composer.dataset.draft, find("textarea", composer).value);
  }
}

// Modals

function renewModal(fresh) {
  const box = modal();
  const sheet = find(".sheet", fresh);
  const old = find(".sheet", box);
  if (!sheet) {
    box.replaceChildren();
    if (box.open) box.close();
    return;
  }
  const typed = old && old.dataset.view === sheet.dataset.view ? touched(old) : new Map();
  const top = typed.size || (old && old.dataset.view === sheet.dataset.view) ? find(".sheet-body", old)?.scrollTop : 0;
  box.replaceChildren(sheet);
  for (const [key, value] of typed) {
    const field = find(`[data-key="${CSS.escape(key)}"]`, sheet);
    if (field && field.value !== undefined && field.type !== "file") field.value = value;
  }
  readEpochs(sheet);
  if (!box.open) box.showModal();
  find(".sheet-body", sheet).scrollTop = top || 0;
  const wrong = find(".wrong input, .wrong select, .wrong textarea", sheet);
  const first = find(".sheet-body input, .sheet-body select, .sheet-body textarea", sheet);
  if (wrong || !typed.size) (wrong || first || find("[data-key=submit]", sheet))?.focus();
  wrong?.closest(".field").scrollIntoView({ block: "nearest" }); // its label and complaint, too
}

// Words typed since the form was drawn; the server knows the rest.
function touched(sheet) {
  const fields = findAll("input[data-input], textarea[data-input]", sheet);
  return new Map(fields.filter((one) => one.value !== one.defaultValue).map((one) => [one.dataset.key, one.value]));
}

async function values(surface) {
  const inputs = findAll("[data-input]", surface);
  return Promise.all(
    inputs.map(async (input) => ({
      block_id: input.dataset.block,
      action_id: input.dataset.action,
      choice: await chosen(input),
    })),
  );
}

async function chosen(input) {
  switch (input.dataset.kind) {
    case "checkboxes":
      return findAll("input:checked", input).map((one) => one.value);
    case "radio_buttons":
      return find("input:checked", input)?.value ?? null;
    case "datetimepicker":
      return input.value ? Math.floor(new Date(input.value).getTime() / 1000) : null;
    case "file_input":
      return Promise.all([...input.files].map(encoded));
    case "multi_external_select":
      return input.value.split(",").map((one) => one.trim()).filter(Boolean);
    default:
      if (input.multiple) return [...input.selectedOptions].map((one) => one.value);
      return input.value || null;
  }
}

// A date and time is a number at the server and local time in the field.
function readEpochs(inside) {
  for (const field of findAll("[data-epoch]", inside)) {
    if (!field.dataset.epoch || field.value) continue;
    const moment = new Date(field.dataset.epoch * 1000);
    field.value = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  }
}

async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return { name: file.name, content_base64: btoa(text) };
}

// Pressing

async function press(control, choice) {
  if (control.ariaBusy === "true" || !(await isConfirmed(control))) return;
  const holder = control.closest("[data-surface]");
  const surface = holder.dataset.surface;
  const { block, action, value } = control.dataset;
  const body = { block_id: block, action_id: action, value: value ?? null, choice: choice ?? null };
  if (surface === "message") Object.assign(body, { channel: frame().dataset.channel, ts: holder.dataset.ts });
  else body.values = await values(holder);
  const names = { message: "press", home: "press_in_home", modal: "press_in_modal" };
  await busily(control, () => act(names[surface], body));
}

async function busily(control, work) {
  control.ariaBusy = "true";
  try {
    return await work();
  } finally {
    control.ariaBusy = null;
  }
}

function isConfirmed(control) {
  const { confirmTitle, confirmText, confirmYes, confirmNo, confirmStyle } = control.dataset;
  if (!confirmTitle) return true;
  const dialog = find("#confirm");
  const [no, yes] = findAll("button", dialog);
  find("h2", dialog).textContent = confirmTitle;
  find("p", dialog).textContent = confirmText;
  yes.textContent = confirmYes;
  no.textContent = confirmNo;
  yes.className = `button ${confirmStyle || "primary"}`;
  dialog.returnValue = "no";
  dialog.showModal();
  yes.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function actOnMessage(button) {
  const { act: name, ...rest } = button.dataset;
  const ts = button.closest("[data-ts]")?.dataset.ts;
  button.closest("details")?.removeAttribute("open");
  if (!(await isConfirmed(button))) return;
  await busily(button, () => act(name, { channel: frame().dataset.channel, ts, ...rest }));
}

async function edit(message) {
  const response = await fetch(`/page/pane/editor?${query()}&ts=${message.dataset.ts}`);
  const body = find(".body", message);
  body.hidden = true;
  body.after(parsed(await response.text()));
  const field = find("[data-editor] textarea", message);
  fit(field);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

async function endEdit(editor, isSaved) {
  const message = editor.closest("[data-ts]");
  if (isSaved) {
    const body = { channel: frame().dataset.channel, ts: message.dataset.ts, text: find("textarea", editor).value };
    if (!(await act("edit", body)).ok) return;
  }
  find(".body", message).hidden = false;
  editor.remove();
  refresh(["messages", "thread"]);
}

// Writing

async function send(composer) {
  const field = find("textarea", composer);
  const chooser = find("input[type=file]", composer);
  const broadcast = find("[name=broadcast]", composer);
  if (!field.value.trim() && !chooser.files.length) return;
  const body = {
    channel: frame().dataset.channel,
    text: field.value,
    thread_ts: composer.dataset.thread,
    broadcast: broadcast?.checked ?? false,
    files: await Promise.all([...chooser.files].map(encoded)),
  };
  find("#notices").replaceChildren();
  const text = field.value;
  field.value = "";
  fit(field);
  const answer = await busily(find(".send", composer), () => act("say", body));
  if (!answer.ok && !field.value) field.value = text; // nothing typed is lost
  if (answer.ok) {
    chooser.value = "";
    showChosenFiles(composer);
    drafts.delete(composer.dataset.draft);
    if (broadcast) broadcast.checked = false;
    const list = composer.parentElement.querySelector("[data-keyed]");
    list.scrollTop = list.scrollHeight;
  }
  fit(field);
}

function fit(field) {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 220)}px`;
}

function showChosenFiles(composer) {
  const items = [...find("input[type=file]", composer).files].map((file) => {
    const item = document.createElement("li");
    item.textContent = file.name;
    return item;
  });
  find(".chosen-files", composer).replaceChildren(...items);
}

function insert(field, words) {
  const isCommand = words.startsWith("/");
  const before = field.value.slice(0, field.selectionStart);
  const spaced = !isCommand && before && !/\s$/.test(before) ? ` ${words}` : words;
  if (isCommand) field.value = words;
  else field.setRangeText(spaced, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  fit(field);
  suggest(field);
}

// The word being typed, when it begins with @ or is a command: who or what could be meant.
function suggest(field) {
  const composer = field.closest("[data-composer]");
  const list = find(".suggestions", composer);
  const before = field.value.slice(0, field.selectionStart);
  const mention = /(?:^|\s)(@[\w.-]*)$/.exec(before);
  const command = /^(\/[\w-]*)$/.exec(before);
  const start = (mention || command || [])[1];
  const known = mention ? composer.dataset.mentions : command ? composer.dataset.commands : "[]";
  const fitting = JSON.parse(known).filter(
    ([name, words]) => start && name !== start && (name.startsWith(start) || words.toLowerCase().startsWith(start.slice(1).toLowerCase())),
  );
  list.replaceChildren(...fitting.slice(0, 6).map(([name, words], index) => suggestion(name, words, index === 0)));
  list.hidden = !fitting.length;
}

function suggestion(name, words, isFirst) {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", isFirst);
  item.dataset.words = name;
  const strong = document.createElement("b");
  strong.textContent = name;
  const small = document.createElement("small");
  small.textContent = words;
  item.append(strong, small);
  return item;
}

function take(item) {
  const field = find("textarea", item.closest("[data-composer]"));
  const start = field.value.slice(0, field.selectionStart).search(/[@/][\w.-]*$/);
  field.setRangeText(`${item.dataset.words} `, start, field.selectionStart, "end");
  item.parentElement.hidden = true;
  field.focus();
}

// Returns true when the key was for the suggestions.
function steer(event) {
  const list = find(".suggestions", event.target.closest("[data-composer]"));
  if (list.hidden) return false;
  const items = [...list.children];
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    items[at].setAttribute("aria-selected", "false");
    items[(at + step + items.length) % items.length].setAttribute("aria-selected", "true");
  } else if (event.key === "Enter" || event.key === "Tab") take(items[at]);
  else if (event.key === "Escape") list.hidden = true;
  else return false;
  return true;
}

// A link to a message of this workspace opens it here, through the same eyes.
function linkedMessage(link) {
  if (!link || link.origin !== location.origin || !link.pathname.startsWith("/archives/")) return "";
  return `${link.pathname}?${new URLSearchParams({ person: frame().dataset.person })}`;
}

// What people do with mouse and keys

document.addEventListener("click", (event) => {
  const target = event.target;
  for (const menu of findAll("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
  const link = target.closest("a[data-go]");
  if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    document.body.classList.remove("sidebar-open");
    go(link.getAttribute("href"), { enter: link.dataset.enter });
    return;
  }
  const message = linkedMessage(target.closest("a[href]"));
  if (message && event.button === 0) {
    event.preventDefault();
    const pressed = target.closest("a[data-press]");
    if (pressed) press(pressed, pressed.dataset.choice);
    go(message);
    return;
  }
  const jump = target.closest("[data-jump]");
  if (jump) {
    event.preventDefault();
    const message = document.getElementById(jump.dataset.jump);
    message?.scrollIntoView({ block: "center", behavior: "smooth" });
    message?.classList.add("pointed-at");
    setTimeout(() => message?.classList.remove("pointed-at"), 1600);
    return;
  }
  const item = target.closest(".suggestions li");
  if (item) return void take(item);
  const button = target.closest("button, a[data-press]");
  if (!button || button.disabled) return;
  if (button.dataset.press !== undefined) {
    button.closest("details.menu")?.removeAttribute("open");
    press(button, button.dataset.choice);
  } else if (button.dataset.act) actOnMessage(button);
  else if (button.dataset.mention) {
    button.closest("details.menu")?.removeAttribute("open");
    insert(find("textarea", button.closest("[data-composer]")), button.dataset.mention);
  } else if (button.dataset.edit !== undefined) {
    button.closest("details").open = false;
    edit(button.closest("[data-ts]"));
  } else if (button.dataset.cancel !== undefined) endEdit(button.closest("[data-editor]"), false);
  else if (button.dataset.closeView !== undefined) act("close_view");
  else if (button.dataset.toggleSidebar !== undefined) document.body.classList.toggle("sidebar-open");
});

document.addEventListener("change", async (event) => {
  const target = event.target;
  const control = target.closest("[data-press]");
  if (target.type === "file" && target.closest("[data-composer]")) showChosenFiles(target.closest("[data-composer]"));
  else if (control && !control.matches("button, a")) press(control, await chosen(control));
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-composer] textarea, [data-editor] textarea")) return;
  fit(event.target);
  if (event.target.closest("[data-composer]")) suggest(event.target);
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  // While an input method is composing, Enter accepts the characters and sends nothing.
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape") for (const menu of findAll("details.menu[open]")) menu.open = false;
  if (field.matches("[data-composer] textarea")) {
    const isSteering = steer(event);
    if (isSteering || (event.key === "Enter" && !event.shiftKey)) event.preventDefault();
    if (!isSteering && event.key === "Enter" && !event.shiftKey) send(field.closest("[data-composer]"));
  } else if (field.matches("[data-editor] textarea")) {
    const isSaved = event.key === "Enter" && !event.shiftKey;
    if (!isSaved && event.key !== "Escape") return;
    event.preventDefault();
    endEdit(field.closest("[data-editor]"), isSaved);
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  event.preventDefault();
  if (form.matches("[data-composer]")) send(form);
  else if (form.matches("[data-editor]")) endEdit(form, true);
  else if (form.matches(".sheet")) {
    find(".sheet-alert", form).textContent = "";
    const button = find("[data-key=submit]", form);
    if (button && button.ariaBusy !== "true") {
      await busily(button, async () => act("submit", { values: await values(form) }));
    }
  }
});

window.addEventListener("popstate", () => go(location.href, { isBack: true }));

// Escape closes a modal at the server, which then tells the page.
modal().addEventListener("cancel", (event) => {
  event.preventDefault();
  act("close_view");
});

// The live feed

function listen() {
  stream?.close();
  const { person, sequence } = frame().dataset;
  stream = new EventSource(`/page/live?${new URLSearchParams({ person, since: sequence })}`);
  stream.addEventListener("panes", (event) => refresh(JSON.parse(event.data)));
  stream.addEventListener("notice", (event) => complain(JSON.parse(event.data)));
  stream.addEventListener("error", () => document.body.classList.add("offline"));
  stream.addEventListener("open", () => {
    if (!document.body.classList.contains("offline")) return;
    document.body.classList.remove("offline");
    refresh(["messages", "thread", "head", "home", "modal", "sidebar", "people"]);
  });
}

settle();
if (find(".sheet", modal())) renewModal(modal());
listen();
const entered = { home: "open_home", messages: "open_direct" }[frame().dataset.tab];
if (entered) act(entered).then(() => frame().dataset.channel || entered === "open_home" || go(location.href, { isBack: true }));

// Emoji

function drawn(sign) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 24;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.font = `16px ${getComputedStyle(document.body).fontFamily}`;
  pen.fillText(sign, 0, 18);
  return pen.getImageData(0, 0, 24, 24).data.join();
}

// Without a font for them all emoji are the same box: then reactions show their names.
if (drawn("🎉") === drawn("👍")) document.documentElement.classList.add("no-emoji");
