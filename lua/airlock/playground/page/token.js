// The token: what is in it, whether its signature fits, how long it lasts, and what can be done with it.

import { api } from './api.js';
import { el, fill, get } from './dom.js';
import { life, tick as tickLives } from './life.js';

let dies = null; // when it expires, by performance.now()

function left() {
  const seconds = Math.ceil((dies - performance.now()) / 1000);
  if (seconds <= 0) return 'expired';
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function tick() {
  tickLives();
  const clock = get('countdown');
  if (!clock || dies === null) return;
  clock.textContent = left();
  clock.classList.toggle('bad', dies <= performance.now());
}
setInterval(tick, 500);

const moments = new Set(['exp', 'iat', 'nbf', 'auth_time']);

function worded(name, value) {
  if (!moments.has(name) || !/^\d+$/.test(value)) return value;
  return `${value} (${new Date(Number(value) * 1000).toLocaleTimeString([], { hour12: false })})`;
}

function table(title, items) {
  return [el('h3', null, title), el('dl.claims', null,
    items.map(({ name, value }) => el('div', null, el('dt', null, name), el('dd', null, worded(name, value)))))];
}

function uncover() {
  const text = el('code.secret', null, '***');
  const button = el('button.plain', { type: 'button', 'aria-pressed': 'false' }, 'Show');
  button.addEventListener('click', async () => {
    const on = button.getAttribute('aria-pressed') !== 'true';
    text.textContent = on ? (await api('uncover', { id: 'token' })).text : '***';
    button.setAttribute('aria-pressed', String(on));
  });
  return el('p.access', null, text, ' ', button);
}

const acts = [
  { what: 'call', title: 'Call the API' },
  { what: 'crowd', title: 'Five calls at once' },
  { what: 'refresh', title: 'Renew', if: ({ token }) => token.renewable },
  { what: 'verify', title: 'Check again', if: ({ token }) => token.jwt },
  { what: 'expire', title: 'Let it expire', emulator: true, if: ({ token }) => (token.expires_in ?? null) !== null },
  { what: 'expire_both', title: 'Expire, and let Airlock know', emulator: true,
    if: ({ token }) => (token.expires_in ?? null) !== null },
  { what: 'revoke', title: 'Revoke at the server', emulator: true },
  { what: 'logout', title: 'Log out' },
];

function buttons(state, act) {
  const here = acts.filter((each) => (!each.emulator || state.place.ends) && (!each.if || each.if(state.run)));
  return el('div.acts', { role: 'group', 'aria-label': 'What to do with the token' },
    here.map(({ what, title }) => el('button', { type: 'button', onclick: () => act(what) }, title)));
}

function facts(token) {
  return el('dl.facts', null,
    el('div', null, el('dt', null, 'On behalf of'),
      el('dd', null, token.subject === 'user' ? 'a user' : token.subject === 'application' ?
      'the application' : 'not known')),
    el('div', null, el('dt', null, 'Scope'), el('dd', null, token.scope ?? 'not told')),
    el('div', null, el('dt', null, 'Renewable'), el('dd', null, token.renewable ? 'yes' : 'no')),
    el('div', null, el('dt', null, 'Expires in'),
      el('dd', { id: 'countdown', role: 'timer' }, token.expires_in === undefined || token.expires_in === null ?
      'not told' : '')));
}

function verdict({ verdict: found }) {
  return found && el(`p.verdict.${found.good ? 'good' : 'bad'}`, null, found.message);
}

function empty({ left, life: lives }) {
  return [el('h2', { id: 'token-title' }, 'Token'), el('p.soft', null, left ?
    'Logged out: Airlock has forgotten the tokens. Run again to get another one.' : 'There is none yet.'),
    lives.length > 0 && life(lives)];
}

function full(state, act) {
  const token = state.run.token;
  return [el('h2', { id: 'token-title' }, token.jwt ? 'Access token, a JWT' : 'Access token'), uncover(), facts(token),
    life(state.run.life), verdict(token), buttons(state, act),
    token.jwt && table('Claims', token.claims), token.jwt && table('Header', token.header)].flat();
}

export function token(state, act) {
  const found = state.run.token;
  const seconds = found?.expires_in;
  dies = seconds === undefined || seconds === null ? null : performance.now() + seconds * 1000;
  const key = found && { ...found, expires_in: dies === null ? null : Math.round(dies / 3000), kind: state.place.kind };
  const lives = state.run.life.map(({ how }) => how ?? '');
  fill(get('token'), [key ?? null, lives, state.run.left, state.run.number], () =>
    (found ? full(state, act) : empty(state.run)));
  const busy = state.run.status === 'running' || state.run.status === 'waiting';
  for (const button of get('token').querySelectorAll('.acts button')) button.setAttribute('aria-disabled',
    String(busy));
  tick();
}
