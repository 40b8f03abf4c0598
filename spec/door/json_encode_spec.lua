-- Writing JSON: what tables are, floats in the fewest digits, paths in mistakes, and what can't be written.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

local json = airlock.json
local encode, decode, array = json.encode, json.decode, json.array
local unpack = table.unpack or unpack -- luacheck: ignore 143

local function at(path, value)
  expect.raise("airlock.json.encode: the value can't be made JSON of: " .. path, encode, value)
end

-- Doubles whose 64 bits are random.
local function random_double()
  local mantissa = math.random(0, 2 ^ 26 - 1) * 2 ^ 26 + math.random(0, 2 ^ 26 - 1)
  local value = (1 + mantissa * 2 ^ -52) * 2 ^ math.random(-1022, 1023)
  return math.random() < 0.5 and -value or value
end

describe("airlock.json.encode", function()
  it("writes scalars", function()
    for text, value in pairs { ["1"] = 1, ["-1"] = -1, ["0.1"] = 0.1, ["true"] = true, ["false"] = false,
      ["null"] = airlock.null, ['""'] = "", ['"a"'] = "a", ['"é/\\"\\\\"'] = 'é/"\\',
      ['"\\u0000\\u001f\127"'] = "\0\31\127",
      ["1e+21"] = 1e21, ["100000000000001"] = 100000000000001, ["1700000000123456"] = 1700000000123456,
      ["-0"] = -1 / math.huge, ["0.3333333333333333"] = 1 / 3, ["0.30000000000000004"] = 0.1 + 0.2 } do
      assert.equal(text, encode(value))
    end
    assert.equal("null", encode(nil))
    assert.equal("null", encode(require "cjson".null))
  end)

  it("writes tables as lists where their names are 1, 2, 3 …, else as objects", function()
    assert.equal("[1,2,3]", encode { 1, 2, 3 })
    assert.equal("{}", encode {})
    assert.equal('{"a":1}', encode { a = 1 })
    assert.equal("[[1],[]]", encode { { 1 }, array {} })
    assert.equal('{"x":[1]}', encode { x = { 1 } })
    assert.equal('{"0":1}', encode { [0] = 1 })
    assert.equal('{"1.5":1}', encode { [1.5] = 1 })
    assert.equal('{"-1":1}', encode { [-1] = 1 })
    assert.equal('{"1":"a","x":"b"}', core.json.encode({ "a", x = "b" }, true))
    assert.equal('{"1":["a"],"x":"b"}', core.json.encode({ { "a" }, x = "b" }, true))
    assert.equal("[1,null,3]", encode { 1, nil, 3 })
    assert.equal("[null,2]", encode { [2] = 2 })
    local backwards = {}
    for i = 9, 1, -1 do backwards[i] = i end
    assert.equal("[1,2,3,4,5,6,7,8,9]", encode(backwards))
  end)

  it("writes a marked table as a list, also while it is empty or has holes", function()
    assert.equal("[]", encode(array()))
    assert.equal("[]", encode(array {}))
    assert.equal('{"a":[]}', encode { a = array {} })
    assert.equal("[1]", encode(array { 1 }))
    assert.equal("[null,2]", encode(array { nil, 2 }))
    assert.equal("[[],{}]", encode(array { array {}, {} }))
    local t = {}
    assert.equal(t, array(t))
    assert.equal(t, array(t)) -- twice is once
  end)

  it("raises for a mark on what is no list", function()
    at("$ is marked as a list, but has a name in it that is no item's number", array { x = 1 })
    at("$.a is marked as a list", { a = array { 1, 2, n = 2 } })
    expect.raise("takes a table, not a string", array, "x")
    expect.raise("a metatable of its own", array, setmetatable({}, {}))
  end)

  it("passes by metamethods", function()
    local silent = setmetatable({ 1 }, { __index = error, __len = error, __pairs = error, __tostring = error })
    assert.equal("[1]", encode(silent))
  end)

  it("names the path to what JSON can't hold", function()
    at("$ is a function", print)
    at("$ is a thread", coroutine.create(function() end))
    at("$ is a userdata", io.stdout)
    at("$ is NaN", 0 / 0)
    at("$ is infinite", math.huge)
    at("$[1] is infinite", { -math.huge })
    at("$.items[3].weight is NaN", { items = { {}, {}, { weight = 0 / 0 } } })
    at("$.a['b c'][2] is a function", { a = { ["b c"] = { 1, print } } })
    at("$['']['a?b'] is a function", { [""] = { ["a\nb"] = print } })
    at("$['1'] is a function", { [1.5] = 1, ["1"] = print })
    at("$ is an object with a boolean for a name", { [true] = 1 })
    at("$.a is an object with a table for a name", { a = { [{}] = 1 } })
    at("$ is an object with an infinite number for a name", { [math.huge] = 1, x = 2 })
    at("$.t is text that isn't UTF-8", { t = "\255" })
    at("$['\255'] is text that isn't UTF-8", { ["\255"] = 1 })
    at("$[2] is a function", array { 1, print })
    at(("$['%s…'] is NaN"):format(("k"):rep(64)), { [("k"):rep(1000)] = 0 / 0 })
  end)

  it("raises for two members whose names are the same text", function()
    for _, sorted in ipairs { true, false } do
      expect.raise("a number for a name that is there as text, too", core.json.encode,
        { [1] = 1, ["1"] = 2, x = 3 }, sorted)
    end
  end)

  it("raises for lists with more holes than items, and for what is nested too deeply", function()
    at("$ is a list with more holes than items", { [1000] = 1 })
    at("$.x is a list with more holes than items", { x = { 1, [1e9] = 2 } })
    at("$ is a list with more holes than items", array { [1e15] = 1 })
    local deep, circle = {}, {}
    local inner = deep
    for _ = 1, 998 do
      inner[1] = {}
      inner = inner[1]
    end
    assert.equal(("["):rep(998) .. "{}" .. ("]"):rep(998), encode(deep))
    inner[1] = { {} }
    expect.raise("$…[1][1]", encode, deep)
    circle.x = { circle }
    expect.raise("nested too deeply, or in a circle", encode, circle)
    expect.raise("nested too deeply, or in a circle", encode, { { circle } })
  end)

  it("writes each table once, however they hide that they are no lists", function()
    -- an object of which the first name is 1 looks like a list; nested, each level would double the work
    local value = { x = 0 }
    local depth = 300
    for _ = 1, depth do value = { value, x = 0 } end
    assert.equal(depth + 1, select(2, encode(value):gsub("x", "")))
    local list = array {}
    for _ = 1, depth do list = array { [2] = list } end
    assert.equal(depth, select(2, encode(list):gsub("null", "")))
  end)

  it("sorts members by their bytes where it is asked to", function()
    local value = { b = 1, a = 2, B = 3, [""] = 4, aa = 5, ["é"] = 6, a0 = { d = 1, c = 2 } }
    assert.equal('{"":4,"B":3,"a":2,"a0":{"c":2,"d":1},"aa":5,"b":1,"é":6}', core.json.encode(value, true))
    local many, names = {}, {}
    for i = 1, 5000 do
      names[i] = ("k%d"):format((i * 7919) % 100003)
      many[names[i]] = 1
    end
    table.sort(names)
    local said = {}
    for name in core.json.encode(many, true):gmatch '"(k%d+)"' do said[#said + 1] = name end
    assert.same(names, said)
  end)

  it("leaves what it is given as it was", function()
    local value = { [1.5] = "a", [2] = "b" }
    encode(value)
    assert.same({ [1.5] = "a", [2] = "b" }, value)
  end)

  it("writes random floats so that they read back the same", function()
    for _ = 1, 100000 do
      local value = random_double()
      local text = encode(value)
      local back = decode(text)
      if back ~= value or tonumber(text) ~= value and not (math.type and math.type(back) == "integer") then
        error(("%.17g became %s"):format(value, text))
      end
    end
  end)

  it("writes every power of two and its neighbours so that they read back the same", function()
    for power = -1074, 1023 do
      local value = 2.0 ^ power
      for _, each in ipairs { value, value * (1 + 2 ^ -52), value * (1 - 2 ^ -53) } do
        assert.equal(each, decode(encode(each)))
        assert.equal(-each, decode(encode(-each)))
      end
    end
  end)

  it("writes integers at their edges", function()
    if not math.type then pending "this Lua has no integers" end
    for _, n in ipairs { math.maxinteger, math.mininteger, math.maxinteger - 1, 0, -1, math.tointeger(2 ^ 53),
      math.tointeger(2 ^ 53) + 1 } do
      local text = encode(n)
      assert.equal(("%d"):format(n), text)
      assert.equal(n, decode(text))
      assert.equal("integer", math.type(decode(text)))
    end
    assert.equal("1.152921504606847e+18", encode(2.0 ^ 60)) -- no integer that reads as another number
    assert.equal(2.0 ^ 60, decode(encode(2.0 ^ 60)))
  end)

  it("writes LuaJIT's 64-bit integers as numbers", function()
    local ok, ffi = pcall(require, "ffi")
    if not ok then pending "this Lua has no ffi" end
    local function literal(text) return assert(loadstring("return " .. text))() end -- luacheck: ignore 113
    for text, value in pairs { ["9223372036854775807"] = literal "9223372036854775807LL",
      ["-9223372036854775808"] = literal "-9223372036854775807LL - 1LL",
      ["18446744073709551615"] = literal "18446744073709551615ULL", ["0"] = ffi.new "int64_t",
      ["1700000000123456789"] = literal "1700000000123456789LL" } do
      assert.equal(text, encode(value))
      assert.equal("[" .. text .. "]", encode { value })
    end
    at("$ is a cdata", ffi.new "struct { int x; }")
    at("$.a is a cdata", { a = ffi.new("char[4]") })
  end)

  it("isn't touched by a locale that has a comma in its numbers", function()
    local folder = stage.folder()
    local made = os.execute(("localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8' >/dev/null 2>&1"):format(folder))
    if made ~= true and made ~= 0 then pending "localedef can't make de_DE here" end
    local script = stage.file [[
      assert(os.setlocale "de_DE.UTF-8", "no such locale")
      assert(rawget(_G, "jit") or ("%.1f"):format(1.5) == "1,5", "the locale has no comma")
      local json = require "airlock".json
      local values = { 1.5, -0.25, 1e300, 1e-300, 5e-324, 1/3, 123456.789, 2^70, 0.1 + 0.2 }
      for _, value in ipairs(values) do
        local text = json.encode(value)
        assert(not text:find(",", 1, true), text)
        assert(json.decode(text) == value, text)
        assert(json.decode(text .. "000e0") == value or text:find "e" or not text:find "%.", text)
      end
      assert(json.decode "3.14159265358979323846264338327950288" == math.pi)
      assert(json.decode "1,5" == nil)
      assert(json.decode "[1,5]"[2] == 5)
      io.write "fine"
    ]]
    local said = stage.shell(("LOCPATH='%s' %s '%s' '%s' 2>&1"):format(folder, os.getenv "AIRLOCK_UNDER" or "",
      os.getenv "AIRLOCK_LUA", script))
    assert.equal("fine", said)
  end)

  it("makes what decode reads as the same, for random values", function()
    local made = 0
    local function value(depth)
      made = made + 1
      local pick = math.random(depth > 5 and 6 or 8)
      if pick == 1 then return math.random(-1000, 1000)
      elseif pick == 2 then return random_double()
      elseif pick == 3 then return math.random() < 0.5
      elseif pick == 4 then return airlock.null
      elseif pick <= 6 then
        local bytes = {}
        for i = 1, math.random(0, 20) do bytes[i] = math.random(0, 127) end
        return string.char(unpack(bytes)) .. (math.random() < 0.3 and "é😀" or "")
      elseif pick == 7 then
        local list = array {}
        for i = 1, math.random(0, 6) do list[i] = value(depth + 1) end
        return list
      end
      local object = {}
      for _ = 1, math.random(0, 6) do object["k" .. math.random(1, 99)] = value(depth + 1) end
      return object
    end
    for _ = 1, 3000 do
      local before = value(0)
      local text = core.json.encode(before, true)
      assert.equal(text, core.json.encode(decode(text), true))
      assert.same(before, decode(text))
      assert.same(before, decode(encode(before)))
    end
    assert.is_true(made > 3000)
  end)
end)
