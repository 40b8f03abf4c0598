--- Sources of a body: read piece by piece while it goes out, so that it never is in memory as a whole.

-- spec: spec/session/file_body_spec.lua

-- A source's `read(afresh)` gives a piece, nil at the end, or nil, why, code; `afresh` means from the beginning.
-- `length` is in bytes, nil: nobody knows. `again`: it can be read from its beginning more than once. `stop()` lets go
-- of what it opened itself; a file of the program's stays the program's.

local options = require "airlock.options"

local source = {}

local meta = { __name = "airlock.body" } -- tells a source from a program's table

local function new(made)
  return setmetatable(made, meta)
end

local piece = 65536 -- bytes read from a file at a time; libcurl sends as many at once

local no_memory = 12 -- ENOMEM

local function nothing() end

-- io.open, where want of memory is what it is everywhere else.
local function open_file(path)
  local file, why, code = io.open(path, "rb")
  if code == no_memory then error("not enough memory", 0) end
  return file, why
end

-- The reader's pieces with their sum watched. The last one waits until the reader says that it is the last.
local function measured(read, length, option)
  local given, over = 0, false
  local function wrong(how, bytes)
    return nil, ("the reader in option '%s' gave %s%.0f bytes, where option '%s' says %.0f"):format(option, how, bytes,
      (option:gsub("body$", "length")), length), "wrong_length"
  end
  return function(afresh)
    if over then return nil end
    local bytes, why, code = read(afresh)
    if why ~= nil then return nil, why, code end
    given = given + (bytes and #bytes or 0)
    if given > length then return wrong("more than ", length) end
    if given < length then
      if bytes then return bytes end
      return wrong("only ", given)
    end
    over = true
    local more
    if bytes then more, why, code = read() end
    if why ~= nil then return nil, why, code end
    if more then return wrong("more than ", length) end
    return bytes
  end
end

local function length_of(length, whose, option)
  local fits = type(length) == "number" and length >= 0 and length <= 2 ^ 53 and length == math.floor(length)
  if not fits then options.mistake(whose, option, "must be a whole number of bytes, 0 or more") end
  return length
end

--- A function that gives strings, then nil or "".
---@param f fun(): string?, string?
---@param whose string begins the message of a mistake
---@param option string that the function stands in
---@param length integer? how many bytes it is going to give
---@return table source
function source.of_function(f, whose, option, length)
  local function read()
    local bytes, why = f()
    if bytes == nil and why ~= nil then return nil, "the body's reader gave up: " .. tostring(why) end
    if bytes ~= nil and type(bytes) ~= "string" then
      return nil, ("%s: the reader in option '%s' must give strings and then nil, not a %s"):format(whose, option,
        type(bytes)), "mistake"
    end
    return bytes ~= "" and bytes or nil -- an empty piece is the end, as for the readers of load
  end
  return new { read = length and measured(read, length, option) or read, length = length, stop = nothing }
end

-- Where the file stands, and how many bytes there are from there to its end; nothing where it has no such place: a
-- pipe, a terminal, a device. The last result says why it can't be read at all.
local function extent(file)
  local from = file:seek()
  local to = from and file:seek "end"
  if not to or not file:seek("set", from) then return nil end
  local here, why = file:read(0) -- a folder has a size, and some devices have none and give bytes all the same
  if here == nil and why then return nil, nil, why end
  if to <= from and here then return nil end
  return from, math.max(to - from, 0)
end

-- Reads `length` bytes, or nil: all that come.
local function taker(option, length)
  local left = length
  return {
    restart = function() left = length end,
    take = function(file)
      if left == 0 then return nil end
      local ok, bytes, why, code = pcall(file.read, file, left and math.min(left, piece) or piece)
      if ok and code == no_memory or not ok and tostring(bytes):find "not enough memory" then
        error("not enough memory", 0)
      end
      if not ok or (bytes == nil and why) then
        return nil, ("the file in option '%s' can't be read: %s"):format(option, tostring(ok and why or bytes))
      end
      if bytes == nil and left then
        return nil, ("the file in option '%s' became shorter: %.0f of its %.0f bytes are missing"):format(option, left,
          length), "wrong_length"
      end
      if left then left = left - #bytes end
      return bytes
    end,
  }
end

local function streamed(file, option, length)
  local taken = taker(option)
  local function read() return taken.take(file) end
  return new { read = length and measured(read, length, option) or read, length = length, stop = nothing }
end

--- A Lua file, from its present position to its end.
---@param file file* stays open, and the program's
---@param whose string
---@param option string
---@param length integer? how many bytes will come of a pipe
---@return table source
function source.of_file(file, whose, option, length)
  if io.type(file) == "closed file" then options.mistake(whose, option, "is a closed file") end
  local from, size, why = extent(file)
  if why then options.mistake(whose, option, "can't be read: " .. why) end
  if not from then return streamed(file, option, length) end
  if length and length ~= size then
    options.mistake(whose, (option:gsub("body$", "length")),
      ("says %.0f bytes, but the file has %.0f"):format(length, size))
  end
  local taken = taker(option, size)
  local function read(afresh)
    if not afresh then return taken.take(file) end
    taken.restart()
    local ok, at, cause = pcall(file.seek, file, "set", from)
    if ok and at then return taken.take(file) end
    return nil, ("the file in option '%s' can't be read: %s"):format(option, tostring(ok and cause or at))
  end
  return new { read = read, length = size, again = true, stop = nothing }
end

-- What has no size is kept open, as opening it once more would be another stream.
local function kept_open(file, option)
  local made = streamed(file, option)
  function made.stop() if io.type(file) == "file" then file:close() end end
  return made
end

--- A file by its path; it is open only while it is read.
---@param path string
---@param whose string
---@param option string
---@return table source
function source.of_path(path, whose, option)
  local file, why = open_file(path)
  if not file then options.mistake(whose, option, "can't be read: " .. why) end
  local from, size, unfit = extent(file)
  if not from and not unfit then return kept_open(file, option) end
  file:close()
  if unfit then options.mistake(whose, option, ("can't be read: %s: %s"):format(path, unfit)) end
  local open
  local taken = taker(option, size)
  local function stop()
    if open then open:close() end
    open = nil
  end
  local function read(afresh)
    if afresh then
      stop()
      taken.restart()
    end
    if not open then open, why = open_file(path) end
    if not open then return nil, ("the file in option '%s' can't be read: %s"):format(option, why) end
    return taken.take(open)
  end
  return new { read = read, length = size, again = true, stop = stop }
end

--- Whatever stands in an option `body` and isn't a text.
---@param body any
---@param whose string
---@param option string
---@param length any the option beside it
---@return table? source nil: it is of no such kind
function source.of(body, whose, option, length)
  if getmetatable(body) == meta then return body end
  local of = type(body) == "function" and source.of_function or io.type(body) and source.of_file
  if not of then return nil end
  if length ~= nil then length = length_of(length, whose, (option:gsub("body$", "length"))) end
  return of(body, whose, option, length)
end

--- A source of others: those of a form's parts.
---@param made table
---@return table source
source.new = new

--- The length of a text in place of a reader's is known by itself.
---@param length any
---@param whose string
---@param option string
function source.no_length(length, whose, option)
  if length ~= nil then options.mistake(whose, option, "goes with a function or a file in option 'body'") end
end

return source
