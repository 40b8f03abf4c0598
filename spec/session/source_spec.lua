-- Ready sources of tokens: what another program prints, what a file and a variable hold.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local kit = require "airlock.source.kit"
local stage = require "spec.support.stage"

describe("a source of tokens:", function()
  after_each(stage.clear)

  local function session(source)
    return airlock.client { base_url = "http://127.0.0.1:9/" }:token_source(source)
  end

  local function fails(words, source)
    local detail, message = expect.failure({ code = "source_failed" }, session(source):token())
    assert.is_truthy(message:find(words, 1, true), message)
    return detail, message
  end

  local function prints(text)
    return airlock.source.command { "cat", stage.file(text, "printed") }
  end

  describe("a command", function()
    it("prints a token, or JSON as other programs have it", function()
      assert.equal("abc", (session(prints "abc\n"):token()))
      assert.equal("reply", (session(prints '{"access_token":"reply","expires_in":60}'):token()))
      assert.equal("azure", (session(prints '{"accessToken":"azure","expires_on":4000000000}'):token()))
      local made = session(prints(
        '{"kind":"ExecCredential","status":{"token":"k8s","expirationTimestamp":"2030-01-01T00:00:00Z"}}'))
      assert.equal("k8s", (made:token()))
      assert.is_true(math.abs(made:info().expires_at - 1893456000) <= 1)
    end)

    it("that fails tells of its standard error, and never of what it printed", function()
      local secret = "very-secret-token"
      for _, words in ipairs { "exit 3", "kill -9 $$" } do
        local _, message = fails(words == "exit 3" and "exit code 3: no login here" or "signal 9",
          airlock.source.command { "sh", "-c", ("echo %s; echo no login here >&2; %s"):format(secret, words) })
        assert.is_nil(message:find(secret, 1, true))
      end
      local _, message = fails("more than a token", prints(secret .. " and more"))
      assert.is_nil(message:find(secret, 1, true))
      fails("printed nothing", prints " \n")
      fails("JSON without a token", prints '{"token":7}')
      fails("can't be run", airlock.source.command { "no-such-program-here" })
      fails("printed more than a token", airlock.source.command { "head", "-c", "3000000", "/dev/zero" })
      fails("is over since", prints '{"access_token":"old","expires_on":1000}')
    end)

    it("that hangs is killed, with its time-out", function()
      local file = stage.folder() .. "/pid"
      fails("didn't end within 0.3 s", airlock.source.command { "sh", "-c", "echo $$ >'" .. file .. "'; exec sleep 60",
        timeout = 0.3 })
      local pid = stage.read(file):match "%d+"
      assert.equal("", stage.shell(("kill -0 %s 2>/dev/null && echo there || true"):format(pid)))
    end)

    it("is started without a shell, with an empty standard input", function()
      assert.equal("$HOME;id", (session(airlock.source.command { "printf", "%s", "$HOME;id" }):token()))
      assert.equal("nothing", (session(airlock.source.command { "sh", "-c", "read x || echo nothing" }):token()))
    end)

    it("lets others go on meanwhile", function()
      local made = session(airlock.source.command { "sh", "-c", "sleep 0.3; echo late" })
      local order = {}
      airlock.gather(function()
        local token = made:token()
        order[#order + 1] = token
      end, function()
        require("airlock.loop.wait").bell(require "airlock.loop.poll", 0.01).wait()
        order[#order + 1] = "first"
      end)
      assert.same({ "first", "late" }, order)
    end)

    it("has words that are judged at once", function()
      expect.raise("a list of words was expected", airlock.source.command, "gh auth token")
      expect.raise("the program's name is missing", airlock.source.command, {})
      expect.raise("must be a string without a NUL", airlock.source.command, { "a", "b\0c" })
      expect.raise("unknown option 'shell'", airlock.source.command, { "a", shell = true })
      expect.raise("option 'timeout' must be", airlock.source.command, { "a", timeout = 0 })
    end)
  end)

  it("a file is read again when its token may have changed", function()
    local path = stage.file("one\n", "token")
    local made = session(airlock.source.file { path })
    assert.equal("one", (made:token()))
    stage.write(path, "two")
    assert.equal("one", (made:token()))
    core.advance(61)
    assert.equal("two", (made:token()))
    stage.write(path, "")
    core.advance(61)
    expect.failure({ code = "source_failed", outcome = "transient" }, made:token())
    fails("can't be read", airlock.source.file { path = path .. ".not" })
    fails("larger than", airlock.source.file { path = stage.file(("x"):rep(70000), "large") })
    fails("can't be read", airlock.source.file { path = stage.folder() })
    expect.raise("option 'path' is missing", airlock.source.file, {})
    expect.raise("must be a name without a NUL", airlock.source.file, { "a\0b" })
  end)

  it("a variable", function()
    assert.equal(os.getenv "HOME", (session(airlock.source.environment { "HOME" }):token()))
    fails("AIRLOCK_NOT_SET isn't set", airlock.source.environment { name = "AIRLOCK_NOT_SET" })
  end)

  it("the same one shares its token, another one doesn't", function()
    assert.equal(airlock.source.file({ "a" }).identity, airlock.source.file({ path = "a" }).identity)
    assert.not_equal(airlock.source.file({ "a" }).identity, airlock.source.file({ "b" }).identity)
    assert.not_equal(airlock.source.command({ "a", "b" }).identity, airlock.source.command({ "a b" }).identity)
    assert.equal("airlock.source (file)", tostring(airlock.source.file { "a" }))
  end)

  it("moments are read as RFC 3339 has them", function()
    for text, seconds in pairs { ["1970-01-01T00:00:00Z"] = 0, ["2024-02-29T00:00:00Z"] = 1709164800,
      ["2026-12-01T05:00:00+01:00"] = 1796097600, ["2000-03-01t00:00:00.123z"] = 951868800 } do
      assert.equal(seconds, kit.moment(text), text)
    end
    for _, text in ipairs { "", "yesterday", "2026-13-01T00:00:00Z", "2026-12-01 00:00" } do
      assert.is_nil(kit.moment(text))
    end
  end)
end)
