--- Counts what Lua patterns cost: while a function runs, string.find, match, gmatch and gsub are ones that count each
--- character which they try. What C does in one instruction is seen so, whatever the machine.

local steps = {}

local count

local function class_end(p, i)
  local c = p:sub(i, i)
  if c == "%" then return i + 2 end
  if c ~= "[" then return i + 1 end
  i = i + (p:sub(i + 1, i + 1) == "^" and 2 or 1)
  repeat
    local at = p:sub(i, i)
    i = i + (at == "%" and 2 or 1)
  until p:sub(i, i) == "]"
  return i + 1
end

local find = string.find

local singles = {} -- a pattern's single class → which bytes are of it

local function takes(class, byte)
  local known = singles[class]
  if not known then
    known = {}
    for b = 0, 255 do known[b] = find(string.char(b), "^" .. class) ~= nil end
    singles[class] = known
  end
  count = count + 1
  return byte ~= nil and known[byte]
end

local step

-- A single class with what stands behind it: one, *, +, - or ?.
local function single(m, s, i)
  local stop = class_end(m.p, i)
  local class, mark = m.p:sub(i, stop - 1), m.p:sub(stop, stop)
  local function fits(at) return at <= #m.s and takes(class, m.s:byte(at)) end
  if mark == "?" then return fits(s) and step(m, s + 1, stop + 1) or step(m, s, stop + 1) end
  if mark == "-" then
    while true do
      local over = step(m, s, stop + 1)
      if over or not fits(s) then return over end
      s = s + 1
    end
  end
  if mark ~= "*" and mark ~= "+" then return fits(s) and step(m, s + 1, stop) or nil end
  local at = s
  while fits(at) do at = at + 1 end
  for back = at, s + (mark == "+" and 1 or 0), -1 do
    local over = step(m, back, stop + 1)
    if over then return over end
  end
end

local function opened(m)
  for k = #m.caps, 1, -1 do
    if m.caps[k].stop == nil then return m.caps[k] end
  end
end

function step(m, s, i)
  count = count + 1
  local c = m.p:sub(i, i)
  if i > #m.p then return s end
  if c == "(" then
    local position = m.p:sub(i + 1, i + 1) == ")"
    m.caps[#m.caps + 1] = { from = s, stop = position and true or nil }
    local over = step(m, s, i + (position and 2 or 1))
    if not over then m.caps[#m.caps] = nil end
    return over
  elseif c == ")" then
    local cap = opened(m)
    cap.stop = s - 1
    local over = step(m, s, i + 1)
    if not over then cap.stop = nil end
    return over
  elseif c == "$" and i == #m.p then
    return s == #m.s + 1 and s or nil
  elseif c == "%" and find(m.p:sub(i + 1, i + 1), "[bf%d]") then
    error("not counted yet: " .. m.p)
  end
  return single(m, s, i)
end

local function captures(m, from, over, whole)
  local out = {}
  for k, cap in ipairs(m.caps) do out[k] = cap.stop == true and cap.from or m.s:sub(cap.from, cap.stop) end
  if #out == 0 and whole then out[1] = m.s:sub(from, over - 1) end
  return out
end

local function seek(s, p, at)
  local anchored = p:sub(1, 1) == "^"
  for from = at, anchored and at or #s + 1 do
    local m = { s = s, p = p, caps = {} }
    local over = step(m, from, anchored and 2 or 1)
    if over then return m, from, over end
  end
end

local unpack = table.unpack or unpack -- luacheck: ignore 143

local counted = {}

function counted.find(s, p, at, plain)
  s, p, at = tostring(s), tostring(p), at or 1
  if at < 0 then at = math.max(1, #s + at + 1) end
  if plain or not find(p, "[%^%$%*%+%?%.%(%)%[%%%-]") then
    local from, over = find(s, p, at, true)
    count = count + (from and over or #s) - at + 1
    return from, over
  end
  local m, from, over = seek(s, p, at)
  if not m then return nil end
  return from, over - 1, unpack(captures(m, from, over))
end

function counted.match(s, p, at)
  local m, from, over = seek(tostring(s), p, at or 1)
  if not m then return nil end
  return unpack(captures(m, from, over, true))
end

function counted.gmatch(s, p)
  local at = 1
  return function()
    local m, from, over = seek(s, p, at)
    if not m then return nil end
    at = over > from and over or over + 1
    return unpack(captures(m, from, over, true))
  end
end

local function replacement(by, m, from, over)
  local caps, whole = captures(m, from, over, true), m.s:sub(from, over - 1)
  local new
  if type(by) == "function" then new = by(unpack(caps)) elseif type(by) == "table" then new = by[caps[1]] else
    new = find(by, "%", 1, true) and error("not counted yet: " .. by) or by
  end
  return new or whole
end

function counted.gsub(s, p, by, most)
  s = tostring(s)
  local anchored, parts, at, done = p:sub(1, 1) == "^", {}, 1, 0
  while at <= #s + 1 and done < (most or math.huge) do
    local m, from, over = seek(s, p, at)
    if not m then break end
    done = done + 1
    parts[#parts + 1] = s:sub(at, from - 1) .. replacement(by, m, from, over)
    if over == from then parts[#parts + 1] = s:sub(from, from) end
    at = over > from and over or over + 1
    if anchored then break end
  end
  return table.concat(parts) .. s:sub(at), done
end

--- What a function costs, in characters that patterns tried.
---@param f function
---@return number
function steps.of(f)
  local real = {}
  count = 0
  for name, fake in pairs(counted) do real[name], string[name] = string[name], fake end -- luacheck: ignore 122
  local ok, why = pcall(f)
  for name in pairs(counted) do string[name] = real[name] end -- luacheck: ignore 122
  if not ok then error(why, 0) end
  return count
end

return steps
