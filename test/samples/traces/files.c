#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <sys/wait.h>
#include <linux/openat2.h>
int main(){
 mkdir("/srv/t",0755); chdir("/srv/t");
 int d=open(".",O_RDONLY|O_DIRECTORY|O_CLOEXEC);
 int f=openat(d,"new",O_RDWR|O_CREAT|O_EXCL,0640);
 write(f,"secret data",11); fchmod(f,04755); fchown(f,33,33); ftruncate(f,3);
 setxattr("new","user.name","value",5,0);
 renameat2(AT_FDCWD,"new",d,"moved",0);
 link("moved","hard"); symlink("../t/moved","soft");
 readlink("soft",(char[64]){0},64); access("soft",R_OK);
 struct stat st; fstatat(d,"soft",&st,AT_SYMLINK_NOFOLLOW); fstatat(f,"",&st,AT_EMPTY_PATH);
 struct statx sx; statx(AT_FDCWD,"/etc/hostname",0,STATX_BASIC_STATS,&sx);
 struct open_how how={.flags=O_WRONLY|O_APPEND,.resolve=RESOLVE_BENEATH};
 syscall(SYS_openat2,d,"moved",&how,sizeof how);
 utimensat(AT_FDCWD,"/srv/t/hard",NULL,0); truncate("soft",0); lchown("soft",0,0);
 syscall(SYS_fchmodat2,d,"moved",0600,0);
 open("/nowhere/at all \"quoted\"\n",O_WRONLY);
 open("/etc/shadow",O_RDONLY); open("..",O_PATH); 
 mmap(0,4096,PROT_READ|PROT_EXEC,MAP_PRIVATE,open("/bin/true",O_RDONLY),0);
 void*m=mmap(0,4096,PROT_READ|PROT_WRITE,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); mprotect(m,4096,PROT_READ|PROT_WRITE|PROT_EXEC);
 mknod("fifo",S_IFIFO|0600,0); mknodat(d,"null",S_IFCHR|0666,0x103);
 if(!fork()){ chroot("/srv"); open("/t/moved",O_RDONLY); chdir("/"); open("t/hard",O_RDONLY); execl("/bin/none","none",(char*)0); _exit(0);} wait(0);
 unlink("moved"); unlinkat(d,"hard",0); unlink("soft"); unlink("fifo"); unlink("null"); rmdir("/srv/t");
 return 0; }
