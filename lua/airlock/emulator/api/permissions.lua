--- The permission codes of Space, by group: facts, not code. `permissions.known[code]` is true for each of them.

local groups = {
  [""] = "Superadmin",
  Absences = "EditTypes ViewTypes",
  ApplicationState = "Track",
  Applications = "Create DelegateGlobalPermissions Delete Edit ListCommands Market.ViewMarketApps View ViewSecrets",
  Article = "Comments.AddReactions Comments.Post Comments.View Comments.ViewParticipants Comments.ViewReactions "
    .. "Import Publish"
    .. " Unpublish View",
  AuthModule = "Manage",
  Automation = "Execution.Admin Execution.Start Execution.Stop Execution.View Manage View Workers.Admin Workers.Create"
    .. " Workers.CreateProject Workers.View",
  Book = "Administrate Create Import Items.Edit Items.View View",
  Channel = "AddMembersOrTeams AddMessageReactions Admin EditPinnedMessagesList ImportMessages PostMessages"
    .. " PostMessagesInThreads RemoveMembersOrTeams UpdateChannelInfo UpdateChannelSubscriptions ViewChannel"
    .. " ViewChannelParticipants ViewMessageReactions ViewMessages",
  Chat = "AddChannels BrowseChannels ImportMessages StartConversation",
  CustomFields = "Edit",
  DeployTargets = "CustomFields.Edit",
  DocumentFolders = "Create ViewMetadata",
  Documents = "Archive DeleteForever Edit Manage Manage2 View",
  Emojis = "AddCustomEmoji Manage ViewEmojiList",
  FeatureFlags = "Edit",
  Fleet = "Workspaces.Connect",
  Hints = "Edit",
  Locations = "Edit View",
  Loggers = "Edit",
  MaintenanceData = "Manage View",
  Meeting = "Edit EditRsvp View",
  Meetings = "Manage ManageRooms",
  Organization = "Edit UpdateOverdrafts ViewBouncedEmailData ViewOrganizationInfo ViewUsageData",
  PackageRepository = "Admin Create Delete Read Write Write2",
  Permissions = "OrgMember View",
  Profile = "Absences.Approve Absences.Edit Absences.EditPast Absences.View Absences.ViewApproval Absences.ViewReason"
    .. " ApplicationConsents.Edit AuthenticationSessions.Edit Create CreateGuest CustomFields.ViewPrivate"
    .. " CustomFields.ViewRestricted Delete DirectMessages.AddReactions DirectMessages.EditPinnedMessagesList"
    .. " DirectMessages.ReadMessages DirectMessages.SendMessages DirectMessages.ViewReactions Edit Edit.2 "
    .. "Languages.Edit"
    .. " Languages.View Locations.Edit Locations.Map.View Locations.View Memberships.View NotificationSettings.Edit"
    .. " NotificationSettings.View PermanentTokens.Create PermanentTokens.Edit TwoFactorAuthentication.Create"
    .. " TwoFactorAuthentication.Edit View View.Basic ViewAllGuests WorkingDays.Edit WorkingDays.View",
  Project = "Admin CodeReview.AddParticipants CodeReview.AddReactions CodeReview.Create CodeReview.Delete "
    .. "CodeReview.Edit"
    .. " CodeReview.PostComments CodeReview.View CodeReview.ViewComments CodeReview.ViewParticipants "
    .. "CodeReview.ViewReactions"
    .. " Create Deployments.Modify Deployments.Targets.Modify Deployments.View Hosting.AccessPrivateSites "
    .. "Hosting.DeleteSite"
    .. " Hosting.ListSites Hosting.ManageSite Hosting.Publish Hosting.ViewAppLogs Issue.Move Issues.AddParticipants"
    .. " Issues.AddReactions Issues.Create Issues.Edit Issues.EditPinnedCommentsList Issues.Import Issues.Manage"
    .. " Issues.ManageTags Issues.PostComments Issues.Restore Issues.View Issues.ViewParticipants Issues.ViewReactions"
    .. " ManagePins Matterhorn.TaskStatus.Update Params.Delete Params.Modify Params.View Planning.Boards.Create"
    .. " Planning.Boards.EditContent Planning.Boards.Manage Planning.Boards.View Planning.Manage "
    .. "Responsibilities.Manage"
    .. " Responsibilities.View Secrets.Create Secrets.Delete Secrets.Edit Secrets.Use Secrets.ViewKeys "
    .. "SuggestedEdit.Create"
    .. " SuggestedEdit.Moderate TimeTracking.EditOthers TimeTracking.EditOwn TimeTracking.View VaultConnection.Delete"
    .. " VaultConnection.Modify VaultConnection.View View ViewPrivate",
  Rd = "CloudPolicy.edit CloudPolicy.view DebugData.View DevConf.Create Settings.Edit Settings.View "
    .. "Warmup.Triggering.Manage"
    .. " Workspaces.Create Workspaces.Manage Workspaces.Unattended.Join Workspaces.View",
  Reactions = "Edit",
  Roles = "Edit View",
  Stickers = "Manage",
  Team = "Create Description.Edit Edit History.Edit View",
  ThrottledLogins = "Manage",
  Todo = "Task.Edit Task.View",
  Unfurl = "App.Authorize App.ProvideAttachment App.ProvideInline BlackList ExternalLinkPatterns.Manage"
    .. " ExternalLinkPatterns.View",
  VcsRepository = "Admin CodeIssues.Push CommitStatus.Push Read Write",
}

local permissions = { known = {}, count = 0 }

for group, codes in pairs(groups) do
  for code in codes:gmatch "%S+" do
    permissions.known[group == "" and code or group .. "." .. code] = true
    permissions.count = permissions.count + 1
  end
end

return permissions
