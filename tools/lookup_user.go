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
	Source     string `json:"source" enum:"sample" doc:"where the data come from; sample is made up"`
}

var sampleUsers = []user{
	{"u-1001", "Ada Byron", "ada@example.com", "Engineering", true, "sample"},
	{"u-1002", "Grace Murray", "grace@example.com", "Engineering", true, "sample"},
	{"u-1003", "Alan Mathison", "alan@example.com", "Research", true, "sample"},
	{"u-1004", "Katherine Coleman", "katherine@example.com", "Operations", false, "sample"},
}

// lookupUser is the kind of tool that asks a store.
func lookupUser(cfg Config) tool.Tool {
	return tool.New(tool.Info{
		Name:        "lookup_user",
		Title:       "User directory",
		Description: "Looks up one user by id: name, email, department, and whether the account is active.",
		ReadOnly:    true,
		Idempotent:  true,
	}, func(ctx context.Context, in lookupUserInput) (user, error) {
		return findUser(ctx, in.UserID)
	})
}

type userVariables struct {
	ID string `json:"id" min:"1" max:"64" doc:"the user's id, such as u-1001"`
}

// userTemplate makes every user a document, with ids proposed as one types.
func userTemplate(cfg Config) tool.Template {
	return tool.NewTemplate(tool.TemplateInfo{
		URITemplate: "user://{id}",
		Name:        "user",
		Title:       "User",
		Description: "One user of the directory, as lookup_user returns it.",
		Needs:       "lookup_user",
		Complete:    map[string]tool.Completer{"id": userIDs},
	}, func(ctx context.Context, in userVariables) (user, error) {
		return findUser(ctx, in.ID)
	})
}

func findUser(_ context.Context, id string) (user, error) {
	for _, u := range sampleUsers {
		if u.UserID == id {
			return u, nil
		}
	}
	return user{}, tool.NotFoundf("there is no user %q; ids have the form u-1001, the letter u and four digits", id)
}

func userIDs(context.Context, string, map[string]string) ([]string, error) {
	ids := make([]string, len(sampleUsers))
	for i, u := range sampleUsers {
		ids[i] = u.UserID
	}
	return ids, nil
}
