-- The commands; the rest is loaded when one is used.
for name, method in pairs { SpaceLogin = "login", SpacePaste = "paste", SpaceProjects = "projects",
  SpaceLogout = "logout" } do
  vim.api.nvim_create_user_command(name, function() require("space")[method]() end, {})
end
