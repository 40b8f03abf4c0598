// What was sent and what came back: the two halves of one exchange, with secrets covered until somebody asks.

import { api } from './api.js';
import { el } from './dom.js';

function pretty(body) {
  if (/^\s*[{[]/.test(body)) {
    try { return JSON.stringify(JSON.parse(body), null, 2); } catch { return body; }
  }
  return /^[\w.%-]+=[^\n]*$/.test(body) ? body.replaceAll('&', '\n&') : body;
}

function half(title, part, why) {
  const text = part ? part.head + (part.body ? '\n\n' + pretty(part.body) : '') : why ?? 'Nothing yet.';
  return el('div.half', null, el('h3', null, title), el('pre', { tabindex: 0, 'aria-label': title }, text));
}

const covered = (entry) => [entry.request, entry.response].some((part) => part &&
  (part.head + part.body).includes('***'));

export function details(entry) {
  const box = el('div.details');
  const halves = el('div.halves');
  const show = (request, response) =>
    halves.replaceChildren(half('Request', request), half('Answer', response, entry.why));
  show(entry.request, entry.response);
  if (entry.told) box.append(el('p.told', null, entry.told));
  box.append(halves);
  if (!covered(entry)) return box;
  const button = el('button', { type: 'button', 'aria-pressed': 'false' }, 'Show secrets');
  button.addEventListener('click', async () => {
    const on = button.getAttribute('aria-pressed') !== 'true';
    const whole = on ? await api('uncover', { id: entry.id }) : entry;
    show(whole.request, whole.response);
    button.setAttribute('aria-pressed', String(on));
  });
  box.append(el('p.uncover', null, button));
  return box;
}
