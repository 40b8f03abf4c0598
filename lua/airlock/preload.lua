--- Loads all that is else loaded when it is first used: for hosts that soon can't open files any more, as they change
--- their root, are upgraded under way or run short of descriptors.

-- spec: spec/guard/preload_spec.lua

local failure = require "airlock.failure"

local preload = {}

local modules = {
  "airlock.access_token",
  "airlock.backchannel", "airlock.body.multipart", "airlock.body.part", "airlock.body.source", "airlock.call",
  "airlock.client.assertion", "airlock.client.server", "airlock.discovery", "airlock.discovery.metadata",
  "airlock.flight",
  "airlock.form", "airlock.grant", "airlock.grant.authorization", "airlock.grant.device", "airlock.grant.jwt_bearer",
  "airlock.grant.login", "airlock.grant.token_exchange",
  "airlock.guard", "airlock.guard.cache", "airlock.guard.config", "airlock.guard.proof", "airlock.guard.refusal",
  "airlock.guard.request", "airlock.guard.source", "airlock.guard.url",
  "airlock.id_token", "airlock.json", "airlock.jwt", "airlock.keys",
  "airlock.loop.gather", "airlock.loop.pollables", "airlock.loop.task", "airlock.loop.wait", "airlock.paging",
  "airlock.providers",
  "airlock.registration", "airlock.resource", "airlock.resource.document", "airlock.resource.entry",
  "airlock.resource.events", "airlock.resource.identity", "airlock.resource.keep",
  "airlock.source", "airlock.source.clouds", "airlock.source.github", "airlock.source.google", "airlock.source.kit",
  "airlock.source.nearby", "airlock.grant.wishes", "airlock.grant.extension", "airlock.grant.token_source",
  "airlock.web", "airlock.web.cookies", "airlock.web.ended", "airlock.web.logout", "airlock.web.request",
  "airlock.trace", "airlock.trace.exchange", "airlock.trace.mask", "airlock.trace.tap",
  "airlock.response", "airlock.session.login",
  "airlock.session.options", "airlock.session.scope", "airlock.session.token", "airlock.store",
  "airlock.trouble",
}

-- What a build or a host may lack: it is loaded where it is there.
local optional = { "airlock.server" }

local function load(name)
  local ok, why = pcall(require, name)
  if ok then return true end
  return failure.network("missing_module", ("the module %s can't be loaded: %s"):format(name, tostring(why)))
end

--- Loads them; what was loaded before costs nothing.
---@return true? done
---@return string? message
---@return table? detail
function preload.run()
  for _, name in ipairs(modules) do
    local ok, message, detail = load(name)
    if not ok then return nil, message, detail end
  end
  for _, name in ipairs(require("airlock.providers").modules()) do
    local ok, message, detail = load(name)
    if not ok then return nil, message, detail end
  end
  for _, name in ipairs(optional) do pcall(require, name) end
  if rawget(_G, "ngx") then pcall(require, "ngx.ssl") end -- for a client's own certificate
  return true
end

return preload
