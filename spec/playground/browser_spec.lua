-- The playground in a real Chromium. See spec/browser/install; what is done there is in spec/browser/playground.mjs.

local browser = require "spec.support.browser"
local curl = require "spec.support.curl"
local player = require "spec.support.player"
local stage = require "spec.support.stage"

describe("the playground's page", function()
  after_each(stage.clear)

  -- Runs scenarios of playground.mjs, while the playground is served.
  local function play(environment, ...)
    local me, out, over, words = player.new(), stage.folder() .. "/out", nil, {}
    for name, value in pairs(environment) do words[#words + 1] = ("export %s='%s'; "):format(name, value) end
    os.execute(("(unset LD_PRELOAD; %snode spec/browser/playground.mjs '%s' %s; echo \"status $?\") >'%s' 2>&1 "
      .. "</dev/null &")
      :format(table.concat(words), me.at.url, table.concat({ ... }, " "), out))
    curl.pass(150, function()
      over = (stage.read(out) or ""):match "\nstatus (%d+)\n$"
      return over ~= nil
    end)
    local text = stage.read(out)
    assert.equal("0", over, text)
    assert.is_nil(text:find "console ", text)
    for _, name in ipairs { ... } do assert.is_truthy(text:find("ok " .. name .. "\n", 1, true), text) end
    return me
  end

  local function test(name, ...)
    local scenarios = { ... }
    it(name, function()
      local why = browser.obstacle()
      if why then pending(why) end -- which ends it
      play({}, (table.unpack or unpack)(scenarios))
    end)
  end

  test("shows a flow's messages, step by step or at once, with secrets covered", "client_credentials", "steps",
    "secrets")
  test("lets the user sign in at the server, in another tab", "authorization_code", "tabs")
  test("goes the other ways, and breaks what is to be broken", "other_ways", "breakages")
  test("says what is the case, and offers what can be done", "honest", "gone")
  test("draws labels between lifelines, on a phone too, and gives the picture away", "geometry", "phone", "exports")
  test("shows the token's life, builds scopes, and gives the code", "token_life", "scope_builder", "code")
  -- All that a page of another site could try, with the key in its hands.
  local foreign = [[<!DOCTYPE html><title>trying</title><iframe name="in" hidden></iframe><script type="module">
    const url = decodeURIComponent(location.search.slice(1)), got = [];
    const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };
    const attempt = async (name, run) => { try { if (await run()) got.push(name); } catch { /* refused */ } };
    await attempt('read', async () => (await fetch(url + 'api/state')).ok);
    await attempt('read opaquely', async () => (await fetch(url + 'api/state', { mode: 'no-cors' })).ok);
    await attempt('act', async () => (await fetch(url + 'api/go', json)).ok);
    await attempt('act blindly', async () => (await fetch(url + 'api/go', { method: 'POST', mode: 'no-cors',
      body: '{}' })).ok);
    await attempt('callback', async () => (await fetch(new URL('/callback/fragment', url), json)).ok);
    await attempt('script', () => import(url + 'main.js').then(() => true));
    const form = document.createElement('form');
    Object.assign(form, { action: url + 'api/go', method: 'post', enctype: 'text/plain', target: 'in' });
    document.body.append(form);
    form.submit();
    await new Promise((done) => setTimeout(done, 300));
    document.querySelector('iframe').src = url;
    await new Promise((done) => setTimeout(done, 500));
    document.title = 'tried: ' + (got.join(', ') || 'nothing');
  </script>]]

  it("can't be looked at or driven by a page of another site", function()
    local why = browser.obstacle()
    if why then pending(why) end
    local other = stage.server(function(x) x:reply { headers = { ["Content-Type"] = "text/html" }, body = foreign } end)
    local seen = 0
    for _, origin in ipairs { other, (other:gsub("127%.0%.0%.1", "localhost")) } do
      local me = play({ FOREIGN = origin }, "foreign")
      assert.equal("idle", me.at.run.status)
      assert.equal(1, me.at.runs)
      seen = seen + 1
    end
    assert.equal(2, seen)
  end)

  -- `make screenshots` lets them lie in docs/images; otherwise they are gone afterwards
  it("makes the pictures that the README shows", function()
    local why = browser.obstacle()
    if why then pending(why) end
    local folder = os.getenv "AIRLOCK_SCREENSHOTS" or stage.folder()
    play({ AIRLOCK_SCREENSHOTS = folder }, "pictures")
    for _, name in ipairs { "playground", "playground-dark", "playground-broken", "playground-narrow" } do
      local text = stage.read(("%s/%s.png"):format(folder, name))
      assert.is_truthy(text and #text > 10000 and text:find "^\137PNG", name)
    end
  end)

  test("is used with the keyboard and by a screen reader, in light and dark, wide and narrow", "keyboard", "access",
    "nothing_from_elsewhere")
end)
