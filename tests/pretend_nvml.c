/* A stand-in for libnvidia-ml.so.1: PRETEND_GPUS devices (default 2), each with 8 GiB, of which
 * 1 + its index GiB are in use, and busy to 40 + its index per cent. Just what pynvml and dask-cuda
 * ask for. Build: cc -shared -fPIC -o libnvidia-ml.so.1 pretend_nvml.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, MOST = 8 };
typedef struct { unsigned index; } Device;
typedef struct { unsigned long long total, free, used; } Memory;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } Memory2;
typedef struct { unsigned gpu, memory; } Utilization;

static Device devices[MOST];

static unsigned count(void) {
    const char *asked = getenv("PRETEND_GPUS");
    unsigned number = asked ? (unsigned)atoi(asked) : 2;
    return number > MOST ? MOST : number;
}

static void write_uuid(unsigned index, char *text, unsigned size) {
    snprintf(text, size, "GPU-badc0000-0000-0000-0000-%012u", index);
}

int nvmlInit_v2(void) {
    for (unsigned i = 0; i < MOST; i++) devices[i].index = i;
    return SUCCESS;
}
int nvmlInitWithFlags(unsigned flags) { (void)flags; return nvmlInit_v2(); }
int nvmlShutdown(void) { return SUCCESS; }
const char *nvmlErrorString(int code) { (void)code; return "pretend NVML error"; }
int nvmlSystemGetDriverVersion(char *text, unsigned size) {
    snprintf(text, size, "600.00");
    return SUCCESS;
}
int nvmlDeviceGetCount_v2(unsigned *number) { *number = count(); return SUCCESS; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device **device) {
    if (index >= count()) return INVALID_ARGUMENT;
    *device = &devices[index];
    return SUCCESS;
}
int nvmlDeviceGetHandleByUUID(const char *asked, Device **device) {
    char uuid[64];
    for (unsigned i = 0; i < count(); i++) {
        write_uuid(i, uuid, sizeof uuid);
        if (strcmp(uuid, asked) == 0) { *device = &devices[i]; return SUCCESS; }
    }
    return NOT_FOUND;
}
int nvmlDeviceGetIndex(Device *device, unsigned *index) { *index = device->index; return SUCCESS; }
int nvmlDeviceGetUUID(Device *device, char *text, unsigned size) {
    write_uuid(device->index, text, size);
    return SUCCESS;
}
int nvmlDeviceGetName(Device *device, char *text, unsigned size) {
    snprintf(text, size, "Pretend GPU %u", device->index);
    return SUCCESS;
}
int nvmlDeviceGetMemoryInfo(Device *device, Memory *memory) {
    memory->total = 8ULL << 30;
    memory->used = (1ULL + device->index) << 30;
    memory->free = memory->total - memory->used;
    return SUCCESS;
}
int nvmlDeviceGetMemoryInfo_v2(Device *device, Memory2 *memory) {
    memory->total = 8ULL << 30;
    memory->reserved = 0;
    memory->used = (1ULL + device->index) << 30;
    memory->free = memory->total - memory->used;
    return SUCCESS;
}
int nvmlDeviceGetUtilizationRates(Device *device, Utilization *rates) {
    const char *log = getenv("PRETEND_NVML_LOG"); /* who asks, one process id a line */
    FILE *stream = log ? fopen(log, "a") : NULL;
    if (stream) { fprintf(stream, "%d\n", (int)getpid()); fclose(stream); }
    rates->gpu = 40 + device->index;
    rates->memory = 10;
    return SUCCESS;
}
int nvmlDeviceGetCpuAffinity(Device *device, unsigned words, unsigned long *set) {
    (void)device;
    memset(set, 0, words * sizeof *set);
    set[0] = 1;
    return SUCCESS;
}
int nvmlDeviceGetMigMode(Device *device, unsigned *current, unsigned *pending) {
    (void)device; (void)current; (void)pending;
    return NOT_SUPPORTED;
}
int nvmlDeviceIsMigDeviceHandle(Device *device, unsigned *answer) {
    (void)device;
    *answer = 0;
    return SUCCESS;
}
