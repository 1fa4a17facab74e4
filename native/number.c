/* `{box}` in a text of the host lane, and in one that a hook is told, stands for the box's process number, which nobody knows while the plan is made. */
#include "launch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char TOKEN[] = "{box}";

static bool any(const struct step *step, bool (*holds)(const char **text))
{
	const char *takes = calls[step->call].takes;
	bool found = false;
	for (int n = 0; takes[n]; n++) {
		if (takes[n] == 's')
			found |= holds((const char **)&step->args[n].text);
		for (char **entry = takes[n] == 'l' ? step->args[n].list : NULL; entry && *entry; entry++)
			found |= holds((const char **)entry);
	}
	return found;
}

static bool is_named(const char **text)
{
	return strstr(*text, TOKEN) != NULL;
}

bool names_box(const struct step *step)
{
	return any(step, is_named) || (calls[step->call].in[HOST] == netlink && step->args[2].number);
}

static size_t count_tokens(const char *text)
{
	size_t count = 0;
	while ((text = strstr(text, TOKEN))) {
		text += sizeof TOKEN - 1;
		count++;
	}
	return count;
}

static pid_t named; /* as whoever plays the step counts */

/* Each byte is copied once: a text of 16 MiB may be nothing but tokens. */
static bool put_number(const char **text)
{
	char number[16];
	const int digits = snprintf(number, sizeof number, "%d", named);
	const size_t tokens = count_tokens(*text);
	if (tokens == 0)
		return false;
	char *copy = malloc(strlen(*text) + 1 + tokens * digits), *end = copy;
	if (!copy)
		stop("remember the box's number");
	const char *rest = *text;
	for (const char *token; (token = strstr(rest, TOKEN)); rest = token + sizeof TOKEN - 1) {
		end = mempcpy(end, rest, token - rest);
		end = mempcpy(end, number, digits);
	}
	strcpy(end, rest);
	*text = copy;
	return false;
}

/* In the box lane a command may well have such a word among its own. */
void name_box(struct plan plan, enum lane lane, pid_t pid)
{
	named = pid;
	for (uint32_t n = 0; n < plan.count; n++)
		if (plan.steps[n].lane == lane && (lane == HOST || calls[plan.steps[n].call].in[BOX] == run))
			any(&plan.steps[n], put_number);
}
