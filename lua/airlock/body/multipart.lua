--- A body of type multipart/form-data (RFC 7578): what option `multipart` says, as one text or as a source.

-- spec: spec/session/multipart_spec.lua

local core = require "airlock.core"
local form = require "airlock.form"
local options = require "airlock.options"
local part = require "airlock.body.part"
local source = require "airlock.body.source"

local multipart = {}

local piece = 65536 -- bytes of a text that go out at once

-- Whether it is a list, and how many items it has. What isn't either raises.
local function is_list(given, whose, option)
  local items, fields = 0, 0
  for key in next, given do
    if type(key) == "number" then items = items + 1
    elseif type(key) == "string" then fields = fields + 1
    else options.mistake(whose, option, ("has names or numbers as keys; found a %s"):format(type(key))) end
  end
  if items > 0 and fields > 0 then options.mistake(whose, option, "mixes fields and a list of parts") end
  for i = 1, items do
    if rawget(given, i) == nil then options.mistake(whose, option, ("has a hole in its list, at %d"):format(i)) end
  end
  return items > 0, items
end

local function add_value(parts, name, value, whose, option)
  local text = form.text(value)
  if text then parts[#parts + 1] = part.of_text(name, text)
  elseif type(value) == "table" then parts[#parts + 1] = part.of_table(value, whose, option, name)
  else
    options.mistake(whose, option, ("must be a text, or a table with 'path' or 'body', not a %s"):format(type(value)))
  end
end

local function add_field(parts, name, value, whose, option)
  local list, n = false, 0
  if type(value) == "table" then list, n = is_list(value, whose, option) end
  if not list then return add_value(parts, name, value, whose, option) end
  for i = 1, n do add_value(parts, name, value[i], whose, ("%s[%d]"):format(option, i)) end
end

local function all_texts(value)
  if type(value) ~= "table" then return true end
  for key, each in next, value do
    if type(key) ~= "number" or type(each) == "table" then return false end
  end
  return next(value) ~= nil
end

-- Texts before files, as servers that read a form in its order want them; otherwise sorted by name.
local function add_fields(parts, given, whose)
  local names = {}
  for name in next, given do names[#names + 1] = name end
  table.sort(names, function(a, b)
    local first, second = all_texts(given[a]), all_texts(given[b])
    if first ~= second then return first end
    return a < b
  end)
  for _, name in ipairs(names) do add_field(parts, name, given[name], whose, "multipart." .. name) end
end

local function parts_of(given, whose)
  if type(given) ~= "table" then
    options.mistake(whose, "multipart", "must be a table, not a " .. type(given))
  end
  local list, n = is_list(given, whose, "multipart")
  local parts = {}
  if not list then add_fields(parts, given, whose) end
  for i = 1, n do
    local option = ("multipart[%d]"):format(i)
    if list and type(given[i]) ~= "table" then
      options.mistake(whose, option, "must be a table with a 'name', not a " .. type(given[i]))
    end
    if list then parts[i] = part.of_table(given[i], whose, option) end
  end
  if #parts == 0 then options.mistake(whose, "multipart", "has no part") end
  return parts
end

-- The parts with the lines around them, neighbouring texts joined.
local function segments_of(parts, boundary)
  local segments, texts = {}, {}
  local function close()
    if texts[1] then segments[#segments + 1] = table.concat(texts) end
    texts = {}
  end
  for i, each in ipairs(parts) do
    texts[#texts + 1] = ("%s--%s\r\n%s"):format(i > 1 and "\r\n" or "", boundary, each.head)
    if type(each.body) == "string" then texts[#texts + 1] = each.body
    else
      close()
      segments[#segments + 1] = each.body
    end
  end
  texts[#texts + 1] = ("\r\n--%s--\r\n"):format(boundary)
  close()
  return segments
end

-- How many bytes they come to (nil: nobody knows), and whether all of them can be read again.
local function measure(segments)
  local length, again = 0, true
  for _, each in ipairs(segments) do
    local n = type(each) == "string" and #each or each.length
    length = length and n and length + n
    again = again and (type(each) == "string" or each.again)
  end
  return length or nil, again
end

local function joined(segments)
  local at, done = 1, 0 -- which one, and how much of a text is out; of a source, whether it was begun

  local function next_one()
    if type(segments[at]) == "table" then segments[at].stop() end
    at, done = at + 1, 0
  end

  local function of_text(text)
    local bytes = text:sub(done + 1, done + piece)
    done = done + #bytes
    if done == #text then next_one() end
    return bytes
  end

  local function read(afresh)
    if afresh then at, done = 1, 0 end
    local segment = segments[at]
    if segment == nil then return nil end
    if type(segment) == "string" then return of_text(segment) end
    local bytes, why, code = segment.read(done == 0)
    done = 1
    if bytes ~= nil or why ~= nil then return bytes, why, code end
    next_one()
    return read()
  end
  return read
end

local function source_of(segments)
  local length, again = measure(segments)
  local function stop()
    for _, each in ipairs(segments) do
      if type(each) == "table" then each.stop() end
    end
  end
  return source.new { read = joined(segments), length = length, again = again, stop = stop }
end

local function refuse_type(headers, whose)
  if type(headers) ~= "table" then return end
  for name in next, headers do
    if type(name) == "string" and core.lower(name) == "content-type" then
      options.mistake(whose, "headers",
        "can't have a 'Content-Type' beside 'multipart', which sets it with its boundary")
    end
  end
end

--- Options of session:request whose body is made, so that they may serve for several requests.
---@param given table gets a `body` and its type in place of `multipart`, and a source in place of a file or function
---@param whose string
---@return boolean whether what it has can be sent no more than once
function multipart.prepare(given, whose)
  local body = given.body
  if given.json ~= nil or given.form ~= nil or (body ~= nil and given.multipart ~= nil) then return false end
  if given.multipart ~= nil then
    local headers = {}
    if type(given.headers) == "table" then
      for name, value in next, given.headers do headers[name] = value end
    elseif given.headers ~= nil then options.mistake(whose, "headers", "must be a table, not a " .. type(given.headers))
    end
    body, headers["Content-Type"] = multipart.make(given.multipart, headers, whose)
    given.headers, given.multipart = headers, nil
  elseif type(body) == "function" or io.type(body) then
    body, given.length = source.of(body, whose, "body", given.length), nil
  end
  given.body = body
  return type(body) == "table" and not body.again
end

--- Makes the body.
---@param given any option `multipart`
---@param headers any option `headers`
---@param whose string begins the message of a mistake
---@return string|table body a text, or a source
---@return string content_type
function multipart.make(given, headers, whose)
  local parts = parts_of(given, whose)
  refuse_type(headers, whose)
  local boundary = core.boundary()
  if not boundary then error("the system has no random numbers to give", 0) end
  local segments = segments_of(parts, boundary)
  local body = segments[1]
  if segments[2] ~= nil or type(body) ~= "string" then body = source_of(segments) end
  return body, "multipart/form-data; boundary=" .. boundary
end

return multipart
