--- A large answer is decoded in slices inside of a loop: the same value, and others have their turn meanwhile.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local stage = require "spec.support.stage"

describe("a large answer inside of a loop", function()
  after_each(stage.clear)

  local item = '{"id":%d,"name":"a \\"name\\" with \\u00e4","tags":["x",[],{}],"weight":1.5,"gone":null,'
    .. '"deep":[[[{"a":[1]}]]]}'

  local function document(n)
    local items = {}
    for i = 1, n do items[i] = item:format(i) end
    return '\239\187\191{"data":[' .. table.concat(items, ",") .. '],"end":true}'
  end

  -- What fetching that gives in a coroutine of a gather, and how often another one had its turn before it was there.
  local function fetched(body, call)
    local session = stage.api(function(x) x:reply { body = x.path == "/large" and body or "[1]" } end)
    local result, turns, over = nil, 0, false
    airlock.gather(function()
      result = { call(session) }
      over = true
    end, function()
      while not over do
        expect.success(session:get "small")
        turns = turns + 1
      end
    end)
    return result, turns
  end

  it("is the same value as at once, for each of many shapes", function()
    for _, body in ipairs { document(6000), "[" .. ("[1,2.5,-0,\"x\"],"):rep(40000) .. "0]",
      ("[" ):rep(900) .. '"' .. ("y"):rep(700000) .. '"' .. ("]"):rep(900), (" "):rep(600000) .. "{}" } do
      local result = fetched(body, function(session) return session:get "large" end)
      assert.same(airlock.json.decode(body), expect.success(result[1], result[2]))
    end
  end)

  it("leaves others their turn", function()
    local _, turns = fetched(document(30000), function(session) return assert(session:get "large") end)
    assert.is_true(turns >= 3, turns)
  end)

  it("may be the page of a list", function()
    local body = "[" .. ("{\"a\":1},"):rep(60000) .. "{}]"
    local result = fetched(body, function(session)
      local n = 0
      for _ in session:each "large" do n = n + 1 end
      return n
    end)
    assert.equal(60001, result[1])
  end)

  it("fails where it goes wrong, and the session serves on", function()
    local body = document(6000):sub(1, -3) .. "x"
    local result = fetched(body, function(session) return session:get "large" end)
    local detail = expect.failure({ kind = "http", code = "malformed_response" }, result[1], result[2], result[3])
    assert.equal(body, detail.response.body)
    assert.truthy(detail.offset > #body - 10)
  end)

  for _, name in ipairs(hosts.names) do
    it("comes under the loop " .. name, function()
      local host, missing = hosts[name]()
      if not host then return pending(missing) end
      local body = document(6000)
      local session = stage.api(function(x) x:reply { body = body } end, { loop = host.loop })
      local value
      host.spawn(function() value = expect.success(session:get "large") end)
      host.run(30, function() return value end)
      assert.same(airlock.json.decode(body), value)
    end)
  end
end)
