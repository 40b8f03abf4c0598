--- One part of a form as option `multipart` describes it: its head (RFC 7578 section 4), and where its body comes from.

-- spec: spec/session/multipart_spec.lua

local core = require "airlock.core"
local form = require "airlock.form"
local options = require "airlock.options"
local source = require "airlock.body.source"

local part = {}

local names = { "body", "filename", "length", "path", "type" }
local names_in_list = { "body", "filename", "length", "name", "path", "type" }
local known = {}
for _, name in ipairs(names_in_list) do known[name] = true end

-- As browsers write names (HTML, "multipart/form-data"); no control character gets into a line of the head.
local function quoted(text)
  return '"' .. text:gsub('[%z\1-\31\127"]', function(c) return ("%%%02X"):format(c:byte()) end) .. '"'
end

local function text_of(given, name, whose, option)
  local value = given[name]
  if value == nil or type(value) == "string" then return value end
  options.mistake(whose, option .. "." .. name, "must be a string, not a " .. type(value))
end

local function type_of(given, whose, option)
  local kind = text_of(given, "type", whose, option)
  if kind == nil then return nil end
  local why = core.header_fault("Content-Type", kind)
  if why or not kind:find "^[%w!#$&^_.+-]+/[%w!#$&^_.+-]+" then
    options.mistake(whose, option .. ".type", "must be a media type such as 'image/png'")
  end
  return kind
end

-- Reads each option once, whatever the table is made of.
local function read(given, whose, option, named)
  for name in next, given do
    if not known[name] or (name == "name" and not named) then
      local takes = named and names_in_list or names
      options.mistake(whose, ("%s.%s"):format(option, tostring(name)),
        ("is unknown (it takes: %s)%s"):format(table.concat(takes, ", "), core.meant(name, takes)))
    end
  end
  return { name = named and text_of(given, "name", whose, option), path = text_of(given, "path", whose, option),
    filename = text_of(given, "filename", whose, option), type = type_of(given, whose, option), body = given.body,
    length = given.length }
end

-- A text or a source.
local function body_of(found, whose, option)
  if found.path ~= nil then
    if found.body ~= nil then options.mistake(whose, option .. ".body", "can't stand beside 'path'") end
    source.no_length(found.length, whose, option .. ".length")
    return source.of_path(found.path, whose, option .. ".path")
  end
  if found.body == nil then options.mistake(whose, option, "needs a 'path' or a 'body'") end
  local made = source.of(found.body, whose, option .. ".body", found.length)
  if made then return made end
  source.no_length(found.length, whose, option .. ".length")
  local text = form.text(found.body)
  if text then return text end
  options.mistake(whose, option .. ".body", "must be a string, a function or an open file, not a " .. type(found.body))
end

local function head(name, filename, kind)
  local line = "Content-Disposition: form-data; name=" .. quoted(name)
  if filename then line = line .. "; filename=" .. quoted(filename) end
  return line .. (kind and "\r\nContent-Type: " .. kind or "") .. "\r\n\r\n"
end

--- A field's value that is a text, a number or a boolean.
---@param name string
---@param text string
---@return table part { head, body }
function part.of_text(name, text)
  return { head = head(name), body = text }
end

--- A part that a table describes.
---@param given table
---@param whose string begins the message of a mistake
---@param option string the place of the table, such as "multipart.file"
---@param name string? the field's; nil: the table says it itself
---@return table part { head, body }
function part.of_table(given, whose, option, name)
  local found = read(given, whose, option, name == nil)
  name = name or found.name
  if not name then options.mistake(whose, option .. ".name", "is missing") end
  local body = body_of(found, whose, option)
  local filename = found.filename or found.path and found.path:match "[^/]*$"
  local kind = found.type or (filename or type(body) == "table") and "application/octet-stream" or nil
  return { head = head(name, filename, kind), body = body }
end

return part
