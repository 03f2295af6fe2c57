// Small helpers for the page. Text reaches the page as text alone, never as markup.

const NOTICE_MS = 10_000;

/** The element with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Makes an element with attributes and children; strings become text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Shows or hides. */
export function show(element, visible) {
  element.hidden = !visible;
}

/** Changes text only where it differs, so that live regions speak once. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Server time (microseconds) as a `Date`. */
export function date(at) {
  return new Date(at / 1000);
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/** A `<time>` that shows the hour and tells the day when asked. */
export function time(at) {
  const when = date(at);
  return make('time', { datetime: when.toISOString(), title: full.format(when) }, clock.format(when));
}

/** `count` with its noun, in the singular or plural. */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/** Tells people who listen to the page; the same words twice in a row are said once. */
export function announce(text) {
  say(byId('live'), text);
}

let noticeEnds;

/** Shows what did not work, for long enough to be read. */
export function notify(text) {
  clearTimeout(noticeEnds);
  say(byId('notice'), text);
  show(byId('notice'), true);
  noticeEnds = setTimeout(() => show(byId('notice'), false), NOTICE_MS);
}

/** Asks for a yes or no in a dialog; the focus begins on no. */
export function confirm(question, yes) {
  const dialog = byId('confirm');
  say(byId('confirm-question'), question);
  say(byId('confirm-yes'), yes);
  dialog.returnValue = '';
  dialog.showModal();
  byId('confirm-no').focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

/**
 * The line about the connection. It is empty while all is well, appears at once when the connection is
 * lost, and counts down to the next try.
 */
export class Banner {
  #box = byId('banner');
  #text = byId('banner-text');
  #button = byId('banner-button');
  #ticking;
  #early;

  constructor(onTry) {
    this.#button.addEventListener('click', onTry);
  }

  set(state) {
    clearInterval(this.#ticking);
    clearTimeout(this.#early);
    this.#box.dataset.state = state.name;
    document.body.dataset.connection = state.name;
    show(this.#button, state.name === 'lost');
    switch (state.name) {
      case 'online':
        return this.#set('');
      case 'connecting':
        // A first connection is usually there before anybody could read a word about it.
        this.#early = setTimeout(() => this.#set('Connecting…'), 1_500);
        return this.#set('');
      case 'checking':
        return this.#set('Connection uncertain. Checking…');
      case 'lost':
        this.#ticking = setInterval(() => this.#count(state.retryAt), 1_000);
        return this.#count(state.retryAt);
      default:
        return this.#set(stopped(state));
    }
  }

  #count(retryAt) {
    const seconds = Math.ceil((retryAt - Date.now()) / 1_000);
    const when = seconds > 0 ? `Reconnecting in ${seconds} s.` : 'Reconnecting…';
    this.#set(`Connection lost. ${when}`);
  }

  #set(text) {
    say(this.#text, text);
    show(this.#box, text !== '');
  }
}

function stopped({ code }) {
  if (code === 4201) return 'This page is out of date. Reload it to go on.';
  if (code === 1000) return 'Not connected.';
  return `The connection was ended (${code}). Reload the page to go on.`;
}

/** Sends a form with Enter; Shift+Enter makes a new line, and so does Enter while a word is composed. */
export function sendOnEnter(textarea, send) {
  textarea.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  });
}
