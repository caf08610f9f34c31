package tools

import (
	"context"

	"serverless-mcp/internal/tool"
)

type lookupUserInput struct {
	UserID string `json:"user_id" min:"1" max:"64" doc:"the user's id, such as u-1001"`
}

type user struct {
	UserID     string `json:"user_id" doc:"the id that was asked for"`
	Name       string `json:"name" doc:"full name"`
	Email      string `json:"email" doc:"address at work"`
	Department string `json:"department" doc:"where they work"`
	Active     bool   `json:"active" doc:"whether the account can be used"`
	Source     string `json:"source" enum:"sample,dynamodb" doc:"where the data come from; sample is made up"`
}

// lookupUser is the kind of tool that asks an AWS service, once
// TOOL_USERS_TABLE names a table; see usersTable. Until then it knows a few
// people that do not exist, and needs no network.
func lookupUser(cfg Config) tool.Tool {
	users, err := userDirectory(cfg)
	return tool.New(tool.Info{
		Name:        "lookup_user",
		Title:       "User directory",
		Description: "Looks up one user by id: name, email, department, and whether the account is active.",
		ReadOnly:    true,
		Idempotent:  true,
	}, func(ctx context.Context, in lookupUserInput) (user, error) {
		return users.find(ctx, in.UserID)
	}).WithProblem(err)
}

type userVariables struct {
	ID string `json:"id" min:"1" max:"64" doc:"the user's id, such as u-1001"`
}

// userTemplate makes every user a document, with ids proposed as one types.
func userTemplate(cfg Config) tool.Template {
	users, _ := userDirectory(cfg) // lookupUser has told the error
	return tool.NewTemplate(tool.TemplateInfo{
		URITemplate: "user://{id}",
		Name:        "user",
		Title:       "User",
		Description: "One user of the directory, as lookup_user returns it.",
		Needs:       "lookup_user",
		Complete:    map[string]tool.Completer{"id": users.ids},
	}, func(ctx context.Context, in userVariables) (user, error) {
		return users.find(ctx, in.ID)
	})
}

// directory is where users are looked up.
type directory struct {
	get func(ctx context.Context, id string) (u user, found bool, err error)
	ids tool.Completer
}

func (d directory) find(ctx context.Context, id string) (user, error) {
	u, found, err := d.get(ctx, id)
	if err == nil && !found {
		err = tool.NotFoundf("there is no user %q; ids have the form u-1001, the letter u and four digits", id)
	}
	return u, err
}

func userDirectory(cfg Config) (directory, error) {
	if table := cfg.Setting(usersTableSetting); table != "" {
		return usersTable(cfg, table)
	}
	return directory{get: sampleUser, ids: sampleUserIDs}, nil
}

func sampleUsers() []user {
	return []user{
		{"u-1001", "Ada Byron", "ada@example.com", "Engineering", true, "sample"},
		{"u-1002", "Grace Murray", "grace@example.com", "Engineering", true, "sample"},
		{"u-1003", "Alan Mathison", "alan@example.com", "Research", true, "sample"},
		{"u-1004", "Katherine Coleman", "katherine@example.com", "Operations", false, "sample"},
	}
}

func sampleUser(_ context.Context, id string) (user, bool, error) {
	for _, u := range sampleUsers() {
		if u.UserID == id {
			return u, true, nil
		}
	}
	return user{}, false, nil
}

func sampleUserIDs(context.Context, string, map[string]string) ([]string, error) {
	var ids []string
	for _, u := range sampleUsers() {
		ids = append(ids, u.UserID)
	}
	return ids, nil
}
