--- The record of a login in a folder of tokens, as a spec reads and changes it.

local stage = require "spec.support.stage"

local record = {}

--- Its path, or nil: there is none. Where there are several, the first.
---@param folder string
function record.path(folder)
  return stage.shell("ls -d '" .. folder .. "'/* 2>/dev/null | grep -E '/[0-9a-f]{64}$'"):match "%S+"
end

--- Its text.
---@param folder string
function record.text(folder)
  return stage.read(record.path(folder))
end

--- Replaces what a pattern finds in it, once at least.
---@param folder string
---@param from string
---@param to string|function
function record.change(folder, from, to)
  local text, n = record.text(folder):gsub(from, to)
  assert(n > 0, from)
  stage.write(record.path(folder), text)
end

--- As if the token's life were over.
---@param folder string
function record.expire(folder)
  record.change(folder, '("expires_%w+"):%d+', "%1:1")
end

return record
