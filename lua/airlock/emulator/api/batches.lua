--- Batches: `$top` and `$skip` in, `{ next, totalCount, data }` out. The last full batch is followed by an empty one.

local fields = require "airlock.emulator.api.fields"
local json = require "airlock.emulator.http.json"
local reply = require "airlock.emulator.http.reply"

local page = {}

local default_top, largest_top = 100, 1000

local function whole(text, fallback)
  if text == nil or text == "" then return fallback end
  return text:match "^%d+$" and #text < 10 and tonumber(text) or nil
end

-- Without $fields, and for a plain '*', the items show their members too.
local function list_of(text)
  if text == nil or text == "*" then return fields.parse "*,data(*)" end
  return fields.parse(text)
end

--- One batch of items as a reply.
---@param call table
---@param items table[]
---@param view fun(item: table): table
---@return table reply
function page.reply(call, items, view)
  local top, skip = whole(call.query["$top"], default_top), whole(call.query["$skip"], 0)
  local list = list_of(call.query["$fields"])
  if not top or top > largest_top then
    return reply.failure("validation-error", "$top must be a number up to " .. largest_top)
  end
  if not skip then return reply.failure("validation-error", "$skip must be what next was") end
  if not list then return reply.failure("validation-error", "$fields is malformed") end
  local batch = json.list()
  for i = skip + 1, math.min(skip + top, #items) do batch[#batch + 1] = view(items[i]) end
  local next_skip = ("%d"):format(skip + #batch)
  return reply.json(fields.project({ next = next_skip, totalCount = #items, data = batch }, list))
end

--- One item as a reply.
---@param call table
---@param item table
---@param status integer?
---@return table reply
function page.one(call, item, status)
  local text = call.query["$fields"]
  local list = text and fields.parse(text)
  if text and not list then return reply.failure("validation-error", "$fields is malformed") end
  return reply.json(fields.project(item, list), status)
end

return page
