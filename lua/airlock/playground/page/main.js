// Asks the server how things stand, shows it, and sends what the user wants. All that is shown comes from one state.

import { announce } from './announce.js';
import { api } from './api.js';
import { choose } from './choose.js';
import { code } from './code.js';
import { get } from './dom.js';
import { picture } from './picture.js';
import { token } from './token.js';
import { turn } from './turn.js';

let catalogue;
let timer;

const words = {
  idle: 'Ready.', running: 'Under way …', waiting: 'Waiting for you.', paused: 'Next: ', done: 'Done.',
    failed: 'Ended with a failure.',
};

function status({ run }) {
  if (run.status === 'paused') return words.paused + run.next_step;
  if (run.status === 'failed' && run.breakage !== 'none') return 'Broken, as you wished.';
  return words[run.wait ? 'waiting' : run.status];
}

function heading(state) {
  const way = catalogue.ways.find((each) => each.name === state.choice.way);
  get('way-title').textContent = way.title;
  get('way-text').textContent = `${way.best} ${way.why} (${way.source})`;
  get('where').textContent = [state.place.name, state.place.url].filter(Boolean).join(' · ');
  get('lane-server').textContent = state.place.kind === 'emulator' ? 'Space' : state.place.name;
  document.title = `${way.title} · Airlock playground`;
}

function show(state) {
  get('lost').hidden = true;
  heading(state);
  choose(state, catalogue, send);
  turn(state);
  picture(state.run);
  token(state, (what) => send('act', { what }));
  code(state);
  get('status').textContent = status(state);
  get('status').dataset.status = state.run.status;
  get('empty').textContent = state.run.entries.length ?
    '' : 'Press Run, and every message appears here as it goes over the wire.';
  const busy = state.run.status === 'running' || state.run.status === 'waiting';
  get('go').setAttribute('aria-disabled', String(busy));
  get('step').setAttribute('aria-disabled', String(busy));
  get('go').textContent = state.run.status === 'paused' ? 'Run the rest' : 'Run';
  announce(state.run);
  clearTimeout(timer);
  if (busy) timer = setTimeout(() => send('state'), 250);
}

function lost(error) {
  get('lost').hidden = false;
  get('lost').textContent = error instanceof TypeError ?
    'The playground doesn\'t answer: has it been ended? Start it again, and open the address that it prints.' :
    error.message;
}

async function send(name, value) {
  try {
    show(await api(name, value));
  } catch (error) {
    lost(error);
  }
}

function press(id, name, value) {
  get(id).addEventListener('click', (event) => {
    if (event.currentTarget.getAttribute('aria-disabled') !== 'true') send(name, value);
  });
}

press('go', 'go', {});
press('step', 'go', { steps: 1 });
press('reset', 'reset', {});
get('choose').addEventListener('submit', (event) => event.preventDefault());

try {
  catalogue = await api('catalogue');
  await send('state');
} catch (error) {
  lost(error);
}
