-- What a server, a browser or a user wrote is read in time that grows with its length, not with its square: counted in
-- characters that Lua's patterns try, so that no clock and no machine has a say.

local airlock = require "airlock"
local core = require "airlock.core"
local form = require "airlock.emulator.http.form"
local jwt = require "airlock.jwt"
local lines_of = require "spec.support.lines"
local mask = require "airlock.trace.mask"
local message = require "airlock.playground.message"
local metadata = require "airlock.discovery.metadata"
local redirect = require "airlock.emulator.oauth.redirect"
local response = require "airlock.response"
local steps = require "spec.support.steps"
local styles = require "airlock.paging.styles"
local trim = require "airlock.trim"

local client = airlock.client { client_id = "a", token_endpoint = "http://127.0.0.1:1/token",
  jwks_uri = "http://127.0.0.1:1/keys" }

local function shown(out, head, body)
  local one = message.new("app", "server")
  one.out, one.head, one.body = out, head, body
  one:view()
end

local readers = {
  ["header fields"] = function(text) response.headers(
      "HTTP/1.1 200 OK\r\n" .. text .. "\r\n\r\n") end,
  ["a Link field"] = function(text) styles.link({}, {}, { link = text }) end,
  ["a link to a page"] = function(text) styles.resolve(text, "https://a.example/" .. text) end,
  ["a form as reply"] = function(text) core.form(text) end,
  ["a refusal of an API"] = function(text)
    response.failure(400, '{"error":"' .. text:gsub('["\\%c]', "?") .. '"}', text, "https://a.example/", {})
  end,
  ["an answer that should be JSON"] = function(text)
    response.malformed(response.new(200, text, text, "https://a.example/", {}), "is none", 0, 1, 1)
  end,
  ["metadata"] = function(text)
    metadata.read('{"issuer":"' .. text:gsub('["\\%c]', "?") .. '"}', "https://a.example")
    metadata.read(text, "https://a.example")
  end,
  ["a JWT"] = function(text)
    jwt.claims(client, text, {})
    jwt.claims(client, "a." .. text .. ".b", {})
  end,
  ["masked headers"] = function(text) mask.head("GET / HTTP/1.1\r\n" .. text) end,
  ["a masked request line"] = function(text) mask.head(text) end,
  ["a masked form"] = function(text) mask.fields(text) end,
  ["a masked URL"] = function(text) mask.url("https://a.example/?" .. text) end,
  ["masked JSON"] = function(text) mask.body(text, "application/json") end,
  ["a drawn message"] = function(text)
    shown(text, text, text)
    shown("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 302 Found\r\nLocation: /?" .. text .. "\r\n\r\n", text)
  end,
  ["a pasted address"] = function(text) trim(text) end,
  ["the emulator's forms"] = function(text) form.decode(text) end,
  ["the emulator's redirect URIs"] = function(text) redirect.list(text) end,
}

local units = { " ", "\t", "a", "<", ">", ";", "=", "&", "\n", "\r", "\r\n", ":", ",", ".", "%", "\"", "\\", "{", "[",
  "?", "#", "/", "a=", "a: ", "a\n", " \n", "<a>", "<a>;", ";rel", "; rel=", "\"a\" ", "\"a\":", "\"token\":\"", "\n\r",
  "a.a", "token=", "a&", "\nLocation:", "<>\"" }

local n = 1000

-- Each as it is, and with something behind it that a reader looks for in vain.
local function adversaries(size)
  local out = {}
  for _, unit in ipairs(units) do
    local long = unit:rep(math.floor(size / #unit))
    out[#out + 1] = long
    out[#out + 1] = "x" .. long .. "!"
  end
  return out
end

describe("one pass reads", function()
  for what, read in pairs(readers) do
    it(what, function()
      local short, long = adversaries(n), adversaries(2 * n)
      for i = 1, #short do
        local once, twice = steps.of(function() read(short[i]) end), steps.of(function() read(long[i]) end)
        assert.is_true(twice <= 2.5 * once + 2000, ("%q… takes %d steps, and twice of it %d")
          :format(short[i]:sub(1, 12), once, twice))
      end
    end)
  end

  it("all of that up to the ceiling of a header block, and beyond", function()
    for _, read in pairs(readers) do
      for _, text in ipairs(adversaries(128 * 1024)) do read(text) end
    end
  end)
end)

describe("the count of steps", function()
  it("sees a loop in a loop", function()
    local function cost(size)
      return steps.of(function() return (("a"):rep(size):gsub("(a+)=", "")) end)
    end
    assert.is_true(cost(400) > 3.5 * cost(200))
  end)

  it("changes nothing of what is found", function()
    local function all()
      return { ("a=1; b = 22"):find("(%w+)%s*=%s*(%d+)", 2), ("x--y"):match "^(%a)%-+()",
        ("abc"):gsub("%w", { b = "-" }),
        ("a,b,,c"):gsub("[^,]+", function(each) return "<" .. each .. ">" end), ("  t "):match "^%s*(.-)%s*$" }
    end
    local counted
    steps.of(function() counted = all() end)
    assert.same(all(), counted)
  end)
end)

describe("what is read in one pass:", function()
  it("links, as RFC 8288 section 3.5 shows them and as servers write them", function()
    assert.equal("/TheBook/chapter2",
      core.link([[</TheBook/chapter2>; rel="previous"; title*=UTF-8'de'letztes]], "previous"))
    assert.equal("http://example.org/",
      core.link('<http://example.org/>; rel="start http://example.net/relation/other"', "start"))
    assert.equal("/terms", core.link('<https://a/>; title="a, <b>; rel=next\\"", </terms>;REL = NEXT', "next"))
    assert.equal("/2", core.link('</1>; rel="prev"; rel="next",</2>;rel=next', "next"))
    assert.is_nil(core.link('</1>; rel="nexts"; title="next"', "next"))
    assert.is_nil(core.link("</1; rel=next", "next"))
    assert.is_nil(core.link("", "next"))
  end)

  it("header fields, in any case, with those that are repeated", function()
    local headers = response.headers("HTTP/1.1 200 OK\r\nA: 1 \r\nSET-COOKIE: a\r\nb:\r\n" ..
      "a:\t2\r\nset-cookie: b\r\nA: 3\r\n\r\n")
    assert.same({ a = "1, 2, 3", b = "", ["set-cookie"] = "a\nb" }, { a = headers.A, b = headers.b,
      ["set-cookie"] = headers["Set-Cookie"] })
  end)

  it("forms", function()
    assert.same({ error = "invalid grant", a = "ü", b = "%zz", c = "" },
      core.form "error=invalid+grant&a=%C3%BC&&b=%zz&c=&d")
    assert.is_nil(core.form "<a=b>")
    assert.is_nil(core.form "ab")
    assert.is_nil(core.form "")
  end)

  it("secrets, which stay masked where JSON has escapes in them", function()
    assert.equal([[{"password": "***","a":"token","code":""}]],
      mask.body([[{"password": "a\"b\\","a":"token","code":""}]], "json"))
    assert.equal([[{"token":"***]], mask.body([[{"token":"abc]], "json"))
    assert.equal("a=1&token=***&x.y=2 code=***#", mask.fields "a=1&token=b=c&x.y=2 code=d#")
    assert.equal("POST /?code=*** HTTP/1.1\r\nauthorization: Basic ***\r\nno colon\r\nX: y",
      mask.head "POST /?code=1 HTTP/1.1\r\nauthorization: Basic abc\r\nno colon\r\nX:  y")
  end)
end)

describe("lines of Lua", function()
  it("trim nowhere by a pattern that takes the square", function()
    assert.same({}, lines_of [[grep -rnF '(.-)%s*$' lua]])
  end)
end)
