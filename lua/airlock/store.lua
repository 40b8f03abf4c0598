--- What stores of tokens hold, without their secrets.

local core = require "airlock.core"

local store = {}

--- The folder that `store = true` stands for.
---@return string path
function store.folder()
  return core.store_folder(true)
end

--- What a folder's records say of themselves.
---@param folder? string by default the one of `store = true`
---@return table? records a list of `{ name, issuer, token_endpoint, client_id, grant, account, scope, obtained_at, expires_at, generation,
--- renewable, dead, error, unreadable }`; times in whole seconds since 1970; a folder that isn't there holds none
---@return string? message
---@return table? detail kind "store"
function store.list(folder)
  if folder ~= nil and type(folder) ~= "string" then
    core.mistake("airlock.store.list: the folder must be a string, not a " .. type(folder))
  end
  return core.records(core.store_folder(folder or true))
end

return store
