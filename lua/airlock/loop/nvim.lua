--- What only Neovim has: its main loop, where vim.api may be used; its messages, its prompt, its way to open a page.

local vim = rawget(_G, "vim") or error("airlock.loop.nvim needs Neovim", 0)
local unpack = table.unpack or unpack -- luacheck: ignore 143

local nvim = { uv = vim.uv or vim.loop }

--- Calls a function soon, where it may use vim.api.
---@param f function
---@param ... any
function nvim.later(f, ...)
  local n, arguments = select("#", ...), { ... }
  vim.schedule(function() f(unpack(arguments, 1, n)) end)
end

--- Shows an error as Neovim shows those of its own callbacks.
---@param text string
function nvim.surface(text)
  vim.schedule(function() error(text, 0) end)
end

return nvim
