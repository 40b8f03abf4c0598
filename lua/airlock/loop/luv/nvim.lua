--- What only Neovim has: its main loop, where vim.api may be used; its messages, its prompt, its way to open a page.

-- spec: spec/hosts/nvim_spec.lua

local compat = require "airlock.compat"
local vim = rawget(_G, "vim") or error("airlock.loop.nvim needs Neovim", 0)

local nvim = { uv = vim.uv or vim.loop }

--- Calls a function soon, where it may use vim.api.
---@param f function
---@param ... any
function nvim.later(f, ...)
  local n, arguments = select("#", ...), { ... }
  vim.schedule(function() f(compat.unpack(arguments, 1, n)) end)
end

--- Shows an error as Neovim shows those of its own callbacks.
---@param text string
function nvim.surface(text)
  vim.schedule(function() error(text, 0) end)
end

local function elsewhere(f, ...)
  if vim.in_fast_event() then nvim.later(f, ...) else f(...) end
end

-- The platform's opener, where there is a screen to open something on.
local function opener()
  local screen = vim.env.DISPLAY or vim.env.WAYLAND_DISPLAY or vim.env.BROWSER
  local names = { vim.fn.has "mac" == 1 and "open", vim.fn.has "wsl" == 1 and "wslview", screen and "xdg-open" }
  for _, name in pairs(names) do
    if name and vim.fn.executable(name) == 1 then return name end
  end
end

local function open_by_ui(url)
  if not (vim.ui.open and opener()) then return false end
  local process, why = vim.ui.open(url)
  return process ~= nil and why == nil
end

local function open_by_job(url)
  local name = opener()
  return name ~= nil and vim.fn.jobstart({ name, url }, { detach = true }) > 0
end

--- Opens a page in the browser; where there is none, asks for the address that one elsewhere ends at.
---@param url string
---@param paste fun(address: string): boolean takes that address, if it is the one
function nvim.open(url, paste)
  elsewhere(function()
    if open_by_ui(url) or open_by_job(url) then
      vim.notify "Airlock: log in in the browser"
    else
      nvim.ask(url, paste)
    end
  end)
end

--- Asks for the address that a browser elsewhere ends at.
---@param url string
---@param paste fun(address: string): boolean
function nvim.ask(url, paste)
  local prompt = ("To log in, open %s\nand paste the address that the browser ends at: "):format(url)
  vim.ui.input({ prompt = prompt }, function(address)
    if not address or address == "" then return end
    if not paste(address) then
      vim.notify("Airlock: that isn't the address this login waits for", vim.log.levels.WARN)
    end
  end)
end

return nvim
