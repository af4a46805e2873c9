#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <pthread.h>
#include <unistd.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/mount.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/timex.h>
#include <grp.h>
#include <linux/sched.h>
#include <linux/keyctl.h>
#include <sys/resource.h>
static void* run(void*a){ sleep(1); return 0;}
static void* execer(void*a){ execl("/tmp/trace/tiny","tiny","secret argument",(char*)0); return 0;}
int main(){
 unshare(CLONE_NEWUTS|CLONE_NEWNS); setns(open("/proc/self/ns/net",O_RDONLY),0);
 struct clone_args ca={.flags=CLONE_NEWUSER,.exit_signal=SIGCHLD}; if(syscall(SYS_clone3,&ca,sizeof ca)==0)_exit(0); wait(0);
 pid_t p=fork(); if(!p){ setgroups(0,0); setresgid(33,33,33); setresuid(33,33,33); open("/etc/shadow",O_RDONLY); kill(1,0); pause(); }
 usleep(100000); kill(p,SIGTERM); wait(0); 
 prctl(PR_SET_NAME,"secretname"); prctl(PR_CAPBSET_DROP,0); personality(0xffffffff);
 struct sched_param sp={.sched_priority=1}; sched_setscheduler(0,SCHED_FIFO|SCHED_RESET_ON_FORK,&sp); sp.sched_priority=0; sched_setscheduler(0,0,&sp);
 setpriority(PRIO_PROCESS,0,-1); ptrace(PTRACE_ATTACH,1,0,0);
 mount("none","/mnt","tmpfs",MS_RDONLY|MS_NOSUID,""); umount2("/mnt",MNT_DETACH);
 struct timex t={0}; adjtimex(&t); ioctl(0,TIOCSTI,"x"); 
 syscall(SYS_keyctl,KEYCTL_GET_KEYRING_ID,KEY_SPEC_SESSION_KEYRING,0);
 sethostname("x",1); syscall(SYS_io_uring_setup,1,(char[120]){0});
 struct rlimit r={8,8}; prlimit(0,RLIMIT_NOFILE,&r,0);
 pthread_t a; pthread_create(&a,0,run,0); pthread_create(&a,0,execer,0); pause();
}
