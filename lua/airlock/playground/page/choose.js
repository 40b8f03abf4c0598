// What to try: where, as whom, in which way. Every change is told to the server at once; what it says back is shown.

import { el, fill, get } from './dom.js';
import { scope } from './scope.js';

const advice = { recommended: 'good', 'with care': 'warn', 'not recommended': 'bad', deprecated: 'bad' };

function field(label, control, hint) {
  return el('label.field', null, el('span', null, label), control, hint && el('small', null, hint));
}

function select(name, value, options, change) {
  const node = el('select', { name },
    options.map(([key, title]) => el('option', { value: key, selected: String(key) === String(value) }, title)));
  node.addEventListener('change', () =>
    change({ [name]: typeof value === 'number' ? Number(node.value) : node.value }));
  return node;
}

function input(name, value, change, more) {
  const node = el('input', { name, value, spellcheck: 'false', autocapitalize: 'off', ...more });
  node.addEventListener('change', () => change({ [name]: node.value }));
  return node;
}

function secret(name, kept, change) {
  return input(name, '', change, { type: 'password', autocomplete: 'off', placeholder: kept ?
    'kept; type another to change it' : '' });
}

function check(name, value, label, hint, change) {
  const node = el('input', { type: 'checkbox', name, checked: value });
  node.addEventListener('change', () => change({ [name]: node.checked }));
  return el('label.check', null, node, el('span', null, label, el('small', null, hint)));
}

const servers = [['emulator', 'Embedded Space, no set-up'], ['space', 'A Space organization'],
  ['provider', 'A provider Airlock knows'], ['issuer', 'An issuer, to discover']];
const paths = ['organization', 'team-directory/profiles/me', 'team-directory/profiles', 'projects',
  'projects/key:PROJ-01/planning/issues', 'absences', 'applications/me'];

const labels = { url: 'Address', realm: 'Realm', tenant: 'Tenant', server: 'Authorization server',
  audience: 'Audience' };

function provider({ choice }, catalogue, change) {
  const known = catalogue.providers.find((each) => each.name === choice.provider);
  return [field('Provider', select('provider', choice.provider, catalogue.providers.map(({ name }) => [name, name]),
    change)),
    known.options.map((option) => field(labels[option.name] + (option.needed ? '' : ' (may be left out)'),
      input(option.field, choice[option.field], change, { placeholder: option.default ?? '' })))];
}

function server(state, catalogue, change) {
  const { choice } = state;
  return el('fieldset', null, el('legend', null, 'Server'),
    field('Where', select('server', choice.server, servers, change)),
    choice.server === 'space' && field('Address',
      input('url', choice.url, change, { type: 'url', placeholder: 'https://mycompany.jetbrains.space' })),
    choice.server === 'provider' && provider(state, catalogue, change),
    choice.server === 'issuer' && [field('Issuer',
      input('url', choice.url, change, { type: 'url', placeholder: 'https://login.example' }),
      'Its endpoints are read from what it publishes (RFC 8414).'),
      field('API address', input('base_url', choice.base_url, change,
        { type: 'url', placeholder: 'https://api.example/v1/' }), 'What API paths begin with.')]);
}

function application(state, change) {
  const { choice, emulator } = state;
  if (choice.server === 'emulator') {
    return el('fieldset', null, el('legend', null, 'Application'),
      field('Registered there', select('application', choice.application, emulator.applications.map((app, i) =>
        [i + 1, app.name + (app.public ? ' (public: no secret)' : '')]), change)));
  }
  return el('fieldset', null, el('legend', null, 'Application'),
    field('Client id', input('client_id', choice.client_id, change)),
    field('Client secret', secret('client_secret', choice.has_client_secret, change),
      'Stays on this machine. None for a public client.'),
    el('p.hint', null, 'Register this redirect URI: ', el('code', null, state.redirect_uri)));
}

function way(each, chosen, lacks, change) {
  const radio = el('input', { type: 'radio', name: 'way', value: each.name, checked: each.name === chosen });
  radio.addEventListener('change', () => change({ way: each.name }));
  return el('label.way', null, radio, el('span.title', null, each.title),
    lacks ? el('span.badge.warn', null, 'not offered') :
      el(`span.badge.${advice[each.advice]}`, null, each.advice),
    el('small', null, lacks ? `${lacks} doesn't have it.` : `Acts for ${each.behalf}.`));
}

function person(state, change) {
  const people = state.emulator.people.map(({ username }) => [username, `${username}, played by the emulator`]);
  return field('Who signs in', select('person', state.choice.person, [['', 'Me, in a new tab'], ...people], change));
}

// Somebody to try it as.
function tryout({ username, password }, change) {
  const button = el('button.plain', { type: 'button', id: 'tryout' }, 'Fill them in');
  button.addEventListener('click', (event) => {
    event.preventDefault();
    change({ username, password });
  });
  return el('p.hint', null, 'The emulator knows ', el('code', null, username), ' with ',
    el('code', null, password), '. ', button);
}

// What a way asks for, by name.
const asked = {
  scope: (state, change, catalogue) => scope(state, catalogue, change),
  pkce: ({ choice }, change) => check('pkce', choice.pkce, 'PKCE',
    'Binds the code to this program. Airlock never leaves it out.', change),
  offline: ({ choice, place }, change) => place.offline &&
    check('offline', choice.offline, 'Offline access', 'Brings a refresh token.', change),
  narrow: ({ choice }, change) =>
    check('narrow', choice.narrow, 'Ask for less', 'Sends the scope along: it may narrow what was granted.', change),
  person: (state, change) => state.choice.server === 'emulator' && person(state, change),
  token: (state, change) => field('Token', secret('token', state.choice.has_token, change),
    state.choice.server === 'emulator' ?
      'Left empty: the emulator makes one.' : 'Paste it here; it stays on this machine.'),
  login: (state, change) => [field('Name', input('username', state.choice.username, change)),
    field('Password', secret('password', state.choice.has_password, change)),
    state.choice.server === 'emulator' && tryout(state.emulator.people[0], change)],
};

function options(state, catalogue, chosen, change) {
  return el('fieldset', null, el('legend', null, 'Options'),
    chosen.asks.map((name) => asked[name](state, change, catalogue)),
    field('API path to call', input('path', state.choice.path, change, { list: 'paths' })),
    ofSpace(state.choice.server) &&
      el('datalist', { id: 'paths' }, paths.map((path) => el('option', { value: path }))));
}

function breakage(state, change) {
  const { choice, breakages } = state;
  return el('fieldset', null, el('legend', null, 'Break it on purpose'),
    field('What goes wrong', select('breakage', choice.breakage, breakages.map((each) => [each.name, each.title]),
      change), breakages.find((each) => each.name === choice.breakage).tells));
}

// The first application that may go this way.
function fitting(state, name) {
  const flag = { client_credentials: 'client_credentials', authorization_code: 'code', implicit: 'implicit' }[name];
  const apps = state.emulator.applications;
  if (!flag || apps[state.choice.application - 1]?.[flag]) return {};
  const found = apps.findIndex((app) => app[flag]);
  return found < 0 ? {} : { application: found + 1 };
}

const ofSpace = (server) => server === 'emulator' || server === 'space';

// What else changes with a change, so that what is chosen fits together.
function entailed(state, given) {
  if (given.way) return { breakage: 'none', ...fitting(state, given.way) };
  if (given.server === 'provider') return { breakage: 'none', url: '', scope: '', path: '', way: 'authorization_code' };
  if (given.server) return { breakage: 'none', url: '',
    ...(ofSpace(given.server) ? { scope: '**', path: 'organization' } : { scope: '', path: '' }) };
  return given.provider ? { breakage: 'none', way: 'authorization_code' } : {};
}

export function choose(state, catalogue, send) {
  const form = get('choose');
  const chosen = catalogue.ways.find((each) => each.name === state.choice.way);
  const change = (given) => send('choose', { ...entailed(state, given), ...given });
  const focused = form.contains(document.activeElement) && document.activeElement.name ? document.activeElement : null;
  const again = focused && { name: focused.name, value: focused.name === 'way' ? focused.value : null };
  const { scope: typed, ...others } = state.choice;
  if (chosen.asks.includes('scope')) scope(state, catalogue, change);
  fill(form, [others, state.place.kind, state.place.lacks, state.breakages], () => [
    server(state, catalogue, change), application(state, change),
    el('fieldset', null, el('legend', null, 'Way'), catalogue.ways.map((each) => way(each, state.choice.way,
      state.place.lacks.includes(each.name) && (state.place.url ? state.place.name : state.choice.provider), change))),
    options(state, catalogue, chosen, change), breakage(state, change),
  ]);
  if (!again || form.contains(focused)) return;
  const found = [...form.elements].find((each) => each.name === again.name &&
    (again.value === null || each.value === again.value));
  found?.focus();
}
