-- Lets Neovim find the C modules that a plain `make` left in build/. Those of `make nvim` lie in lua/airlock, where it
-- looks by itself.

if vim.g.loaded_airlock then return end
vim.g.loaded_airlock = true

local root = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h:h")
for _, version in ipairs { "jit", "5.1" } do
  local build = ("%s/build/%s"):format(root, version)
  if vim.fn.filereadable(build .. "/airlock/core.so") == 1 then
    package.cpath = build .. "/?.so;" .. package.cpath -- before an older one: the Lua files are those of this checkout
    break
  end
end
