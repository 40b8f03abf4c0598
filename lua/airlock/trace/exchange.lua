--- A request and its answer as they went over the wire, to be looked at: head and body, with secrets covered or not.

-- spec: spec/wire/trace_spec.lua

local mask = require "airlock.trace.mask"

local exchange = {}

local most_shown = 16 * 1024 -- bytes of a body that are shown

local function split(text)
  local head, body = text:match "^(.-\r\n)\r\n(.*)$"
  return head or text, body or ""
end

local function media_type(head)
  return (head:lower():match "\ncontent%-type:[ \t]*([^\r\n;]*)")
end

local function cut(text)
  if #text <= most_shown then return text end
  return text:sub(1, most_shown) .. ("\n… and %d bytes more"):format(#text - most_shown)
end

local function printable(text)
  if text:find "[%z\1-\8\14-\31]" then return ("(%d bytes that aren't text)"):format(#text) end
  return cut(text)
end

local function body_of(text, head, covered)
  local kind = media_type(head)
  if kind and kind:find "^text/html" or kind == "text/css" then return ("(%d bytes of %s)"):format(#text, kind) end
  return printable(covered and mask.body(text, kind) or text)
end

local function part(head, body, covered)
  if head == "" then return nil end
  local over = #head
  while over > 0 and (head:byte(over) == 13 or head:byte(over) == 10) do over = over - 1 end
  head = head:sub(1, over)
  return { head = covered and mask.head(head) or head, body = body_of(body, head, covered) }
end

--- What was sent and what came back.
---@param out string the request's head and body
---@param head string the answer's head; "": there is none yet, or never
---@param body string? the answer's
---@param covered boolean secrets are shown as ***
---@return table? request `{ head, body }`
---@return table? response
function exchange.parts(out, head, body, covered)
  local sent, given = split(out)
  return part(sent, given, covered), part(split(head), body or "", covered)
end

return exchange
