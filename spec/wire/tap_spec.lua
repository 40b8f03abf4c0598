-- The tap: what goes over the wire, recorded for the playground, and for nobody who didn't ask.

local core = require "airlock.core"
local stage = require "spec.support.stage"

-- Records as `{ number, kind, bytes }`.
local function taken()
  local text, at, out = core.tapped(), 1, {}
  while at <= #text do
    local number, kind, n, from = text:match("^(%d+) (%l+) (%d+)\n()", at)
    out[#out + 1] = { tonumber(number), kind, text:sub(from, from + n - 1) }
    at = from + n
  end
  return out
end

local function joined(records, number, kind)
  local out = {}
  for _, record in ipairs(records) do
    if record[1] == number and record[2] == kind then out[#out + 1] = record[3] end
  end
  return table.concat(out)
end

describe("the tap", function()
  after_each(function()
    core.tap(false)
    stage.clear()
  end)

  it("records nothing unless it is told to", function()
    local space = stage.space()
    assert(stage.app(space):get "organization")
    assert.equal("", core.tapped())
  end)

  it("records requests as they are sent, and answers as they come", function()
    local space = stage.space()
    core.tap(true)
    assert(stage.app(space):get "organization")
    local records = taken()
    local first = records[1][1]
    assert.equal(space.url .. "/oauth/token", joined(records, first, "url"))
    local out = joined(records, first, "out")
    assert.is_truthy(out:find("^POST /oauth/token HTTP/1.1\r\n") and out:find "\r\nAuthorization: Basic %w+")
    assert.is_truthy(out:find "\r\n\r\ngrant_type=client_credentials")
    assert.is_truthy(joined(records, first, "head"):find "^HTTP/1.1 200")
    assert.is_string(core.json.decode(joined(records, first, "body")).access_token)
    assert.equal(space.url .. "/api/http/organization", joined(records, first + 1, "url"))
    assert.equal("My Company", core.json.decode(joined(records, first + 1, "body")).name)
    assert.equal("", core.tapped())
  end)

  it("says why there is no answer", function()
    local space = stage.space()
    core.tap(true)
    space:fault { path = "/oauth/token", drop = true }
    assert.is_nil(stage.app(space):get "organization")
    local records = taken()
    assert.equal("over", records[#records][2])
    assert.is_true(#records[#records][3] > 0)
  end)

  it("tells nothing more once it is off, also on a connection that was recorded", function()
    local space = stage.space()
    core.tap(true)
    local app = stage.app(space)
    assert(app:get "organization")
    core.tap(false)
    assert(app:get "organization")
    assert.equal("", core.tapped())
    core.tap(true)
    assert.equal("", core.tapped())
  end)

  it("keeps 4 MiB, and leaves out what is more", function()
    local url = stage.server(function(x) x:reply { body = ("x"):rep(3 * 1024 * 1024) } end)
    local api = require("airlock").client({ base_url = url }):permanent_token "permanent"
    core.tap(true)
    for _ = 1, 3 do assert(api:request { url = "/" }) end
    local text = core.tapped()
    assert.is_true(#text > 3 * 1024 * 1024 and #text <= 4 * 1024 * 1024)
  end)
end)
