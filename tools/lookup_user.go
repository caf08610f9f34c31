package tools

import (
	"context"

	"serverless-mcp/internal/tool"
)

type lookupUserInput struct {
	UserID string `json:"user_id" min:"1" max:"64" doc:"the user's id, such as u-1001"`
}

type user struct {
	UserID     string `json:"user_id" doc:"id of the user"`
	Name       string `json:"name" doc:"full name"`
	Email      string `json:"email" doc:"work email address"`
	Department string `json:"department" doc:"department that the user works in"`
	Active     bool   `json:"active" doc:"whether the account is active"`
	Source     string `json:"source" enum:"sample,dynamodb" doc:"source of the data; sample users do not exist"`
}

// lookupUser is a tool that calls an AWS service, see [usersTable]. While
// TOOL_USERS_TABLE is unset it needs no network: it searches a few sample users.
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

// userTemplate offers every user as a document, with completion of ids.
func userTemplate(cfg Config) tool.Template {
	users, _ := userDirectory(cfg) // lookupUser reports the error
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

// directory looks up users.
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
