-- Reading JSON: the corpus, numbers at their edges, where a text goes wrong, and what hostile texts cost.

local airlock = require "airlock"
local cases = require "spec.support.json_cases"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

local json = airlock.json
local kind = math.type or function() return "number" end

local function shown(text)
  return #text > 60 and ("%q… (%d bytes)"):format(text:sub(1, 40), #text) or ("%q"):format(text)
end

local function shortest(value)
  return core.json.encode(value, true)
end

local function refused(text, offset)
  local value, message, detail = json.decode(text)
  assert.is_nil(value)
  assert.same({ "json", "malformed_json", "misconfigured", offset },
    { detail.kind, detail.code, detail.outcome, detail.offset }, message)
end

describe("airlock.json.decode reads", function()
  for _, case in ipairs(cases.accept) do
    it(shown(case[1]), function() assert.equal(case[2], shortest(json.decode(case[1]))) end)
  end
end)

describe("airlock.json.decode refuses", function()
  for _, case in ipairs(cases.refuse) do
    it(shown(case[1]) .. (" at byte %d"):format(case[2]), function() refused(case[1], case[2]) end)
  end
end)

describe("airlock.json.decode, as it may,", function()
  for _, case in ipairs(cases.may) do
    it(("takes %s so: %s"):format(shown(case[1]), case[3]), function()
      if case[2] then assert.equal(case[2], shortest(json.decode(case[1])))
      else assert.is_nil((json.decode(case[1]))) end
    end)
  end
end)

describe("airlock.json.decode", function()
  it("has a corpus that says something", function()
    assert.is_true(#cases.accept + #cases.refuse + #cases.may > 250)
  end)

  it("refuses each beginning of a sound text but for numbers", function()
    for _, case in ipairs(cases.accept) do
      local text = case[1]:match "^%s*(.-)%s*$"
      for n = 0, text:find "^[%[{\"tfn]" and math.min(#text, 200) - 1 or -1 do
        assert.is_nil((json.decode(text:sub(1, n))), text:sub(1, n))
      end
    end
  end)

  it("takes any byte for what it is, in place of any other", function()
    local text = '{"a":[1.5e3,"b\\n\\u00e9",true,null]}'
    for at = 1, #text do
      for byte = 0, 255 do
        local changed = text:sub(1, at - 1) .. string.char(byte) .. text:sub(at + 1)
        local value, _, detail = json.decode(changed)
        if value == nil then assert.is_true(detail.offset >= 0 and detail.offset <= #changed) end
      end
    end
  end)

  it("gives integers where Lua has them and they fit, else floats", function()
    for text, wanted in pairs { ["4"] = "integer", ["-4"] = "integer", ["4.0"] = "float", ["4e0"] = "float",
      ["0"] = "integer", ["-0"] = "float", ["9223372036854775807"] = "integer", ["-9223372036854775808"] = "integer",
      ["9223372036854775808"] = "float", ["-9223372036854775809"] = "float", ["18446744073709551615"] = "float",
      ["18446744073709551616"] = "float", ["99999999999999999999999"] = "float" } do
      assert.equal(math.type and wanted or "number", kind(json.decode(text)), text)
    end
    assert.equal("issues/4", "issues/" .. json.decode "[4]"[1])
  end)

  it("reads every 64-bit edge as itself", function()
    local function near(digits) -- the decimal, and its neighbours, by their last digits
      local head, tail = digits:sub(1, -4), tonumber(digits:sub(-3))
      local list = {}
      for n = math.max(tail - 3, 0), math.min(tail + 3, 999) do list[#list + 1] = head .. ("%03d"):format(n) end
      return list
    end
    local powers = { "1024", "32768", "65536", "1048576", "2147483648", "4294967296", "1099511627776",
      "281474976710656", "4503599627370496", "9007199254740992", "18014398509481984", "1152921504606846976",
      "4611686018427387904", "9223372036854775807" }
    for _, power in ipairs(powers) do
      for _, digits in ipairs(near(power)) do
        local exact = #digits < 16 or digits <= "9007199254740992" and #digits == 16
        local fits = exact or math.type and (#digits < 19 or digits <= "9223372036854775807")
        for _, text in ipairs { digits, "-" .. digits } do
          if fits then assert.equal(text, json.encode(json.decode(text)))
          else assert.equal(tonumber(text .. ".0"), json.decode(text)) end
        end
      end
    end
  end)

  it("gives digits in place of a whole number that no number holds, where it is asked to", function()
    local big = math.type and "9223372036854775808" or "9007199254740993"
    local decode = core.json.decode
    local below = "-" .. big:gsub("8$", "9")
    assert.same({ big, below, 1 }, decode(("[%s,%s,1]"):format(big, below), true))
    assert.equal("number", type(decode(big .. ".0", true)))
    assert.equal("number", type(decode(big .. "e0", true)))
    assert.equal("number", type(decode(math.type and "9223372036854775807" or "9007199254740992", true)))
    assert.equal(("9"):rep(500), decode(("9"):rep(500), true))
  end)

  it("reads a number that is too large as infinite", function()
    assert.equal(math.huge, json.decode "1e400")
    assert.equal(-math.huge, json.decode "-1e400")
    assert.equal(math.huge, json.decode(("9"):rep(400)))
  end)

  it("passes on bytes that are no UTF-8, in strings alone", function()
    assert.equal("\255\128a", json.decode '"\255\128a"')
    assert.equal("\237\160\128", json.decode '"\237\160\128"')
    refused("\255", 0)
  end)

  it("marks every list, and no object", function()
    local value = json.decode '{"a":[],"b":[[],{}],"c":{}}'
    assert.is_true(core.json.marked(value.a) and core.json.marked(value.b) and core.json.marked(value.b[1]))
    assert.is_false(core.json.marked(value) or core.json.marked(value.b[2]) or core.json.marked(value.c))
  end)

  it("gives airlock.null, which is cjson.null, for null", function()
    assert.equal(airlock.null, json.decode "null")
    assert.equal(require "cjson".null, json.decode "[null]"[1])
  end)

  it("says line and column, both from 1, in bytes", function()
    for text, place in pairs { ["x"] = { 0, 1, 1 }, ["\nx"] = { 1, 2, 1 }, ["[1,\n 2,\r\n  x]"] = { 11, 3, 3 },
      ['["é",x]'] = { 6, 1, 7 }, ["\239\187\191x"] = { 3, 1, 4 }, ["[\n"] = { 2, 2, 1 } } do
      local _, message, detail = json.decode(text)
      assert.same(place, { detail.offset, detail.line, detail.column })
      assert.truthy(message:find(("at byte %d (line %d, column %d) it "):format(place[1], place[2], place[3]), 1, true))
    end
  end)

  it("raises for what isn't a string", function()
    for _, value in ipairs { 1, true, {}, print } do expect.raise("a string was expected", json.decode, value) end
    expect.raise("a string was expected", json.decode)
  end)

  it("reads tables of any size as they are", function()
    for _, n in ipairs { 0, 1, 2, 3, 15, 16, 17, 255, 256, 257, 1000, 70000 } do
      local items, members = {}, {}
      for i = 1, n do items[i], members[i] = tostring(i), ('"k%d":%d'):format(i, i) end
      local list = json.decode("[" .. table.concat(items, ",") .. "]")
      local object = json.decode("{" .. table.concat(members, ",") .. "}")
      local count = 0
      for name, value in pairs(object) do
        count = count + 1
        assert(name == "k" .. value)
      end
      assert.same({ n, n }, { #list, count })
      assert.equal(n > 0 and n or nil, list[n])
    end
  end)

  it("reads more tables than it looks ahead for", function()
    local rows = {}
    for i = 1, 3000 do rows[i] = ('{"id":%d,"tags":[%d,%d],"s":"]}\\"[{,"}'):format(i, i, i + 1) end
    local list = json.decode("[" .. table.concat(rows, ",") .. "]")
    for i = 1, 3000 do
      assert(list[i].id == i and list[i].tags[2] == i + 1 and #list[i].tags == 2 and list[i].s == ']}"[{,')
    end
  end)

  it("keeps what it made while the collector runs", function()
    local text = '[{"a":["x\\ty",{"b":"c\\u00e9"}]},"' .. ("z"):rep(100) .. '\\n"]'
    local set_back = stage.collector(1, 10000)
    for _ = 1, 100 do
      local value = json.decode(text)
      assert(value[1].a[1] == "x\ty" and value[1].a[2].b == "cé" and #value[2] == 101)
    end
    set_back()
  end)

  -- What a text costs beyond its bytes is tables and strings; so memory, which can be counted, must grow as it does.
  it("takes memory that grows as hostile texts do", function()
    local function used(text)
      collectgarbage()
      collectgarbage()
      collectgarbage "stop"
      local before = collectgarbage "count"
      json.decode(text)
      local after = collectgarbage "count"
      collectgarbage "restart"
      return (after - before) * 1024 / #text
    end
    for _, piece in ipairs { "[],", "{},", '"\\n",', ",", '{"":0},', "[[[]]],", '{"a":{"a":{}}},', "1e5,",
      '"\\\\\\"",' } do
      local small, large = "[" .. piece:rep(2000) .. "0]", "[" .. piece:rep(64000) .. "0]"
      assert.is_true(used(large) <= used(small) * 1.5 + 60, piece) -- tables grow by doubling
    end
    local long = '["' .. ("\\n"):rep(200000) .. '",' .. ('"\\n",'):rep(20000) .. "0]"
    assert.equal(20002, #json.decode(long))
  end)
end)
