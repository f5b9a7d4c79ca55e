/*
 * The least that is a worker: hello, ready, and the end when it is told to drain or to stop.
 * Without a control channel it ends at once.
 */
#include "control.h"

int main(void)
{
    static char json[65537];
    const char *number = getenv("WORKERPOOL_CONTROL_FD");
    if (!number)
        return 0;

    int control = atoi(number);
    get_ready(control, json, sizeof json);
    do
        hear(control, json, sizeof json);
    while (!is_end(json));
    return 0;
}
