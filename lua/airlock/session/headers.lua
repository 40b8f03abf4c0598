--- The headers that functions of a client's configuration give to each of its requests.

-- spec: spec/client/headers_spec.lua

local core = require "airlock.core"

local headers = { any = false } -- whether any client has such functions; no other request looks any further

--- Takes note of what a client's configuration has.
---@param settings table of the client
function headers.know(settings)
  if settings.header_makers then headers.any = true end
end

local function mistake(name, format, ...)
  core.mistake(("the client's option 'headers': the function of '%s' " .. format):format(name, ...))
end

local function made_by(make, name)
  local value = make()
  if type(value) == "number" then return value end
  if type(value) ~= "string" then mistake(name, "must give a string, not a %s", type(value)) end
  local why = core.header_fault(name, value)
  if why then mistake(name, "gave a text that can't be sent: the header %s", why) end
  return value
end

--- A request's headers with those that the functions give; one of the request's own isn't asked for.
---@param owner userdata the session
---@param own table? the request's own
---@param content_type string? that its body has by itself
---@return table? headers
function headers.fill(owner, own, content_type)
  local makers = owner:settings().header_makers
  if not makers or (own ~= nil and type(own) ~= "table") then return own end
  local all, had = {}, { ["content-type"] = content_type ~= nil }
  for name, value in next, own or all do
    all[name] = value
    if type(name) == "string" then had[core.lower(name)] = true end
  end
  for name, make in next, makers do
    if not had[core.lower(name)] then all[name] = made_by(make, name) end
  end
  return all
end

return headers
