// webapp.mjs URL SCENARIO...: goes through the web application of examples/nginx as people at their browsers would, in
// a real Chromium. Prints "ok NAME" or "not ok NAME: why" for each, and whatever a page's console says.
import { launch } from './chromium.mjs';

const [url, ...wanted] = process.argv.slice(2);
const browser = await launch();

function must(condition, why) {
  if (!condition) throw new Error(why);
}

const session = '__Host-airlock';

// Somebody at a browser of their own.
async function person(name) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on('console', (message) => console.log(`console ${message.type()}: ${message.text()}`));
  const self = {
    name, context, page,
    title: () => page.getByRole('heading', { level: 1 }).textContent(),
    text: () => page.content(),
    async cookie() { return (await context.cookies()).find((cookie) => cookie.name === session); },
    async signIn(path = '/projects', where = page) {
      await where.goto(url + path);
      await where.getByLabel('Username').fill(name);
      await where.getByLabel('Password').fill(`password-of-${name}`);
    },
    // Answers what Space asks, which it does once of each person.
    async answer(button = 'Accept', where = page) {
      const back = where.waitForURL((at) => at.origin === url), question = where.getByRole('button', { name: button });
      await where.keyboard.press('Enter');
      await Promise.race([back, question.waitFor().catch(() => {})]);
      if (await question.isVisible()) await question.click();
      await back;
    },
    async login(path) {
      await self.signIn(path);
      await self.answer();
    },
    // Logs in, then begins another login, and takes the address that Space sends the browser to, in place of going
    // there.
    async catchCallback() {
      await self.login();
      await context.clearCookies({ name: session });
      const tools = await context.newCDPSession(page);
      const caught = new Promise((done) => {
        tools.on('Fetch.requestPaused', (paused) => {
          done(paused.request.url);
          tools.send('Fetch.failRequest', { requestId: paused.requestId, errorReason: 'Aborted' }).catch(() => {});
        });
      });
      await tools.send('Fetch.enable', { patterns: [{ urlPattern: `${url}/callback*` }] });
      await page.goto(`${url}/projects`).catch(() => {});
      const callback = await caught;
      await tools.detach();
      return callback;
    },
    // Whether a script of its page is answered as somebody's.
    async anybody() {
      const answer = await page.evaluate((at) => fetch(at).then((got) => got.status), `${url}/projects`);
      must(answer === 200 || answer === 401, `a script's request: ${answer}`);
      return answer === 200;
    },
  };
  await page.goto(url);
  return self;
}

const scenarios = {
  async two_users_at_once() {
    const alice = await person('alice.first'), bob = await person('bob.second');
    await Promise.all([alice.signIn(), bob.signIn('/projects?of=bob')]);
    await Promise.all([alice.answer(), bob.answer()]);
    must(await alice.title() === 'alice.first', await alice.title());
    must(await bob.title() === 'bob.second', await bob.title());
    must(bob.page.url() === `${url}/projects?of=bob`, bob.page.url());
    must((await alice.cookie()).value !== (await bob.cookie()).value, 'one cookie for two');
  },

  async two_tabs() {
    const alice = await person('alice.first'), tab = await alice.context.newPage();
    await alice.page.goto(`${url}/projects?tab=1`);
    const asked = alice.page.url();
    await alice.signIn('/projects?tab=2', tab);
    await alice.answer('Accept', tab);
    must(tab.url() === `${url}/projects?tab=2`, tab.url());
    await alice.page.goto(asked); // Space's form of before is stale: it knows her now
    must(alice.page.url() === `${url}/projects?tab=1`, alice.page.url());
    await tab.reload();
    must(await tab.getByRole('heading', { level: 1 }).textContent() === 'alice.first', 'the other tab is logged out');
    const left = (await alice.context.cookies()).filter((cookie) => cookie.name.startsWith(`${session}-login-`));
    must(left.length === 0, 'a login is left over');
  },

  async cookie() {
    const alice = await person('alice.first');
    await alice.login();
    const first = await alice.cookie();
    must(first.httpOnly && first.secure && first.sameSite === 'Lax' && first.path === '/', JSON.stringify(first));
    must(await alice.page.evaluate(() => document.cookie) === '', 'a script can read it');
    must(!/eyJ[\w-]{20}/.test(await alice.text()), 'a token is in the page');
    await alice.context.clearCookies({ name: session });
    await alice.page.goto(`${url}/projects`);
    must((await alice.cookie()).value !== first.value, 'the session kept its name when its user logged in again');
  },

  async tossed_cookie() {
    const alice = await person('alice.first'), mallory = await person('bob.second');
    await mallory.login();
    await alice.context.addCookies([{ ...await mallory.cookie(), value: (await mallory.cookie()).value.slice(0, -4) }]);
    await alice.login();
    must(await alice.title() === 'alice.first', await alice.title());
    must((await alice.cookie()).value !== (await mallory.cookie()).value, 'what was tossed is her session');
    await mallory.page.reload();
    must(await mallory.title() === 'bob.second', await mallory.title());
  },

  async denied() {
    const alice = await person('alice.first');
    await alice.signIn();
    await alice.answer('Cancel');
    must((await alice.text()).includes('The login failed'), await alice.text());
    must(await alice.cookie() === undefined, 'there is a session');
  },

  async altered_state() {
    const alice = await person('alice.first');
    const callback = new URL(await alice.catchCallback());
    const state = callback.searchParams.get('state');
    callback.searchParams.set('state', (state[0] === 'A' ? 'B' : 'A') + state.slice(1));
    must((await alice.page.goto(callback.href)).status() === 400, 'an altered state is taken');
    callback.searchParams.delete('state');
    must((await alice.page.goto(callback.href)).status() === 400, 'a callback without state is taken');
    callback.searchParams.set('state', state);
    await alice.page.goto(callback.href);
    must(await alice.title() === 'alice.first', 'the login is spoilt by what others tried');
    must((await alice.page.goto(callback.href)).status() === 400, 'a callback is good twice');
  },

  async other_browser() {
    const alice = await person('alice.first'), mallory = await person('bob.second');
    const callback = await alice.catchCallback();
    must((await mallory.page.goto(callback)).status() === 400, 'a callback is good in another browser');
    await mallory.page.goto(`${url}/projects`); // a login of its own makes no difference
    must((await mallory.page.goto(callback)).status() === 400, 'a callback is good in another browser that logs in');
    must(await mallory.cookie() === undefined, 'another browser has a session');
    await alice.page.goto(callback);
    must(await alice.title() === 'alice.first', await alice.title());
  },

  async return_path() {
    const bob = await person('bob.second');
    await bob.login('//example.com/projects');
    for (const path of ['//example.com/', '///example.com', '/%5Cexample.com', '/%09/example.com',
      '/projects?to=//example.com']) {
      await bob.context.clearCookies({ name: session });
      await bob.page.goto(url + path); // Space knows bob, and asks no more
      must(new URL(bob.page.url()).origin === url, `${path} leads to ${bob.page.url()}`);
    }
    must(bob.page.url() === `${url}/projects?to=//example.com`, bob.page.url());
  },

  async script() {
    const alice = await person('alice.first');
    must(!await alice.anybody(), 'a script gets a page without a login');
  },

  async refresh() { // with TOKEN_LIFETIME=1: each token must be renewed, and a refresh token is good once
    const alice = await person('alice.first');
    await alice.login();
    for (let round = 0; round < 3; round += 1) {
      await new Promise((done) => { setTimeout(done, 1100); });
      const answers = await Promise.all(Array.from({ length: 12 }, () => alice.context.newPage()
        .then(async (page) => (await page.goto(`${url}/projects`)).status())));
      must(answers.every((status) => status === 200), answers.join(' '));
    }
    must(await alice.anybody(), 'she is logged out');
  },

  async logout() {
    const alice = await person('alice.first'), elsewhere = await person('alice.first');
    await alice.login();
    await elsewhere.login();
    const cookie = await alice.cookie();
    await Promise.all([alice.page.waitForURL(`${url}/`), alice.page.getByRole('button', { name: 'Log out' }).click()]);
    must(await alice.cookie() === undefined, 'the cookie is left');
    must(!await alice.anybody(), 'she is still there');
    await alice.context.addCookies([cookie]);
    must(!await alice.anybody(), 'the old cookie is good');
    await elsewhere.page.reload();
    must(await elsewhere.title() === 'alice.first', 'the other browser was logged out, too');
  },
};

let status = 0;
for (const name of wanted) {
  try {
    await scenarios[name]();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${error}`);
    status = 1;
  }
  for (const context of browser.contexts()) await context.close();
}
await browser.close();
process.exit(status);
