// What was sent and what came back: the fields and what they mean, and below them the text as it went over the wire.
// Secrets are covered until somebody asks.

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

const places = { query: 'in the address', form: 'in the form', header: 'a header', answer: 'in the answer',
  location: 'in the redirect' };

function table(title, list) {
  if (!list.length) return null;
  return el('div.scroll', { tabindex: 0, role: 'region', 'aria-label': title }, el('table.fields', null,
    el('caption', null, title),
    el('thead', null, el('tr', null, ['Name', 'Value', 'What it is'].map((text) => el('th', { scope: 'col' }, text)))),
    el('tbody', null, list.map(({ name, place, value, means, source }) => el('tr', null,
      el('th', { scope: 'row' }, el('code', null, name), el('small', null, places[place])),
      el('td', null, el('code', null, value || '(empty)')),
      el('td', null, means ?? 'of this server', source && el('small', null, source)))))));
}

const covered = (entry) => [entry.request, entry.response].some((part) => part &&
  (part.head + part.body).includes('***'));

function raw(entry) {
  const halves = el('div.halves');
  const show = (request, response) =>
    halves.replaceChildren(half('Request', request), half('Answer', response, entry.why));
  show(entry.request, entry.response);
  const box = el('details.raw', { 'aria-label': 'Raw message' },
    el('summary', null, 'As it went over the wire'), halves);
  if (!covered(entry) || entry.drawn) return box;
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

export function details(entry) {
  const { asked, told } = entry.meaning;
  return el('div.details', null, entry.told && el('p.told', null, entry.told), table('What is asked with', asked),
    table('What comes back', told), raw(entry));
}
