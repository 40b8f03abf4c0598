--- What only Neovim has: its main loop, where vim.api may be used; its messages, its prompt, its way to open a page.

-- spec: spec/hosts/nvim_spec.lua

local browser = require "airlock.browser"
local compat = require "airlock.compat"
local vim = rawget(_G, "vim") or error("airlock.loop.nvim needs Neovim", 0)

local longest = 300000 -- milliseconds, the usual time for a login

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

--- The platform's opener, where there is a screen to open something on; or why there is none.
---@return string? name
---@return string? why
function nvim.opener()
  local screen = vim.env.DISPLAY or vim.env.WAYLAND_DISPLAY or vim.env.BROWSER
  local names = { vim.fn.has "mac" == 1 and "open", vim.fn.has "wsl" == 1 and "wslview", screen and "xdg-open" }
  for _, name in pairs(names) do
    if name and vim.fn.executable(name) == 1 then return name end
  end
  return nil, screen and "xdg-open isn't installed" or "there is no screen (DISPLAY, WAYLAND_DISPLAY or BROWSER)"
end

-- Neovim's own would pass the editor's environment on, and knows no opener that ours doesn't.
local function ui_is_the_users()
  return vim.ui.open and not debug.getinfo(vim.ui.open, "S").source:find("vim/ui.lua", 1, true)
end

-- Calls a function while the editor's environment has none of our secrets.
local function without_secrets(f, ...)
  local kept = {}
  for _, name in ipairs(browser.kept()) do
    kept[name], vim.env[name] = vim.env[name], nil
  end
  local ok, process, why = pcall(f, ...)
  for name, value in pairs(kept) do vim.env[name] = value end
  if not ok then error(process, 0) end
  return process, why
end

local function open_by_ui(url)
  if not ui_is_the_users() then return false end
  local process, why = without_secrets(vim.ui.open, url)
  return process ~= nil and why == nil
end

local function open_by_job(url)
  local environment = vim.fn.environ()
  for _, each in ipairs(browser.kept()) do environment[each] = nil end
  return vim.fn.jobstart({ nvim.opener(), url }, { detach = true, clear_env = true, env = environment }) > 0
end

-- A file that leads to the page, which goes when the editor ends, or the time for a login is over.
local function uri_of(url)
  local leaf = browser.leaf(url)
  if not leaf then return nil end
  vim.api.nvim_create_autocmd("VimLeavePre", { once = true, callback = leaf.close })
  vim.defer_fn(leaf.close, longest)
  return leaf.uri
end

--- Opens a page in the browser; where there is none, asks for the address that one elsewhere ends at.
---@param url string
---@param paste fun(address: string): boolean takes that address, if it is the one
---@param uri string? of a file that leads there, as all users see what an opener is called with; nil: it is made
function nvim.open(url, paste, uri)
  elsewhere(function()
    uri = nvim.opener() and (uri or uri_of(url))
    if uri and (open_by_ui(uri) or open_by_job(uri)) then
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
