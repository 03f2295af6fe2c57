// Editing and deleting one's own messages, for as long as the server allows it.

import { serverNow } from './clock.js';
import { confirm, make, notify, sendOnEnter } from './view.js';

/** Asks for other words in a dialog; `null` when it was left. */
function askText(text) {
  const field = make('textarea', { rows: '4', maxlength: '1000', 'aria-label': 'Message', 'data-testid': 'edit-text' });
  field.value = text;
  const dialog = make(
    'dialog',
    { 'aria-label': 'Edit message', 'data-testid': 'edit' },
    make(
      'form',
      { method: 'dialog' },
      field,
      make(
        'div',
        { class: 'row' },
        make('button', { value: 'no', formnovalidate: true }, 'Cancel'),
        make('button', { value: 'yes', class: 'primary', 'data-testid': 'edit-save' }, 'Save'),
      ),
    ),
  );
  sendOnEnter(field, () => dialog.close('yes'));
  document.body.append(dialog);
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes' ? field.value.trim() : null);
    });
  });
}

export class Corrections {
  #request;
  #withinMs = 0;

  /** `request(frame)` sends and waits for the answer. */
  constructor(request) {
    this.#request = request;
  }

  /** Takes the `limits` of a `ready`. */
  limits({ edit_within_s: seconds }) {
    this.#withinMs = seconds * 1_000;
  }

  /** Whether what was written then (microseconds) can still be changed. */
  open(at) {
    return serverNow() < at / 1_000 + this.#withinMs;
  }

  async edit(chat, target, text) {
    const next = await askText(text);
    if (next && next !== text) await this.#ask({ type: 'edit_message', chat, target, text: next });
  }

  async erase(chat, target) {
    if (await confirm('Delete this message for everybody?', 'Delete')) {
      await this.#ask({ type: 'delete_message', chat, target });
    }
  }

  async #ask(frame) {
    try {
      await this.#request(frame);
    } catch (error) {
      notify(`Not changed: ${error.message}`);
    }
  }
}
