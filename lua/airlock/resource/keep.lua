--- What is kept of a registration: in the client's store, else in this Lua state.

-- spec: spec/resource/registration_spec.lua

local compat = require "airlock.compat"
local core = require "airlock.core"
local lazy = require "airlock.lazy"

local sealed = lazy "airlock.store.sealed"

local keep = {}
keep.__index = keep

local in_memory = {} -- of programs without a store
local lease = 30 -- s that a program's own lock is asked for

-- The store as its functions; nil: there is none. Records have names that none of a registration's is like.
local function functions_of(store)
  if type(store) == "table" and store.key ~= nil then return sealed.open(store, "airlock.resource") end
  if type(store) == "table" then store = store.folder end
  if store == nil or store == false then return nil end
  return (sealed.files(core.store_folder(store)))
end

--- A place for one registration.
---@param store any the client's option
---@param issuer string
---@param redirect_uri string
---@return table place
function keep.new(store, issuer, redirect_uri)
  local own = type(store) == "table" and type(store.load) == "function" and store or nil
  local digest = core.digest(("%d:%s%d:%s"):format(#issuer, issuer, #redirect_uri, redirect_uri))
  if own then return setmetatable({ store = own, name = digest }, keep) end
  return setmetatable({ store = functions_of(store), name = "client-" .. digest }, keep)
end

local function text_of(self)
  if self.store then return self.store.load(self.name) end
  return in_memory[self.name]
end

--- What is kept.
---@return table? registration nil: nothing that can be read
function keep:load()
  local ok, text = compat.pcall(text_of, self)
  local value = ok and type(text) == "string" and core.json.decode(text)
  return type(value) == "table" and type(value.client_id) == "string" and value or nil
end

local function save_in_store(self, text)
  local fence = self.store.lock(self.name, lease)
  if not fence then return end
  self.store.save(self.name, text, fence)
  self.store.unlock(self.name, fence)
end

--- Keeps a registration, or forgets the one that is kept. A failure is none of the program's: what can't be kept is
--- made anew the next time.
---@param registration table?
function keep:save(registration)
  local text = registration and core.json.encode(registration) or nil
  if self.store then compat.pcall(save_in_store, self, text) else in_memory[self.name] = text end
end

return keep
